package io.heliodor.transport;

import io.heliodor.channel.ConnectOutcome;
import io.heliodor.session.Count;
import io.heliodor.session.Counts;
import io.heliodor.session.Hub;
import io.heliodor.session.Lane;
import io.heliodor.wire.Serializer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection before it is a WebSocket: answers requests one at a time, and upgrades.
 *
 * <p>User code and disks are asked on a virtual thread; the connection is not read meanwhile.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the connection, which is noticed there
final class HttpConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");
    private static final ThreadFactory THREADS =
            Thread.ofVirtual().name("heliodor-http").factory();

    private final Server server;
    private final Lane lane;
    private final Channel channel;
    private final Counts counts;

    private @Nullable ScheduledFuture<?> deadline;
    private boolean busy;

    HttpConnection(Server server, Lane lane, Channel channel) {
        this.server = server;
        this.lane = lane;
        this.channel = channel;
        this.counts = hub().counts();
        awaitRequest();
    }

    private Hub hub() {
        return server.settings().hub();
    }

    /** A client must ask for something in time: half a request, or none, holds a connection no longer. */
    private void awaitRequest() {
        deadline = channel.eventLoop()
                .schedule(
                        () -> {
                            counts.increment(Count.REFUSED_SLOW_HANDSHAKE);
                            channel.close();
                        },
                        hub().limits().handshake().toNanos(),
                        TimeUnit.NANOSECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (message instanceof HttpRequest request) {
                request(request);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        stopDeadline();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.debug("A connection failed", cause);
        channel.close();
    }

    private void stopDeadline() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }

    private void request(HttpRequest request) {
        if (busy) {
            // A request behind one that is not answered yet; nobody who needs it does that.
            channel.close();
            return;
        }
        busy = true;
        stopDeadline();
        channel.config().setAutoRead(false);
        if (request.decoderResult().isFailure()) {
            refuse(malformed(request.decoderResult().cause()), "");
            return;
        }
        QueryStringDecoder uri = new QueryStringDecoder(request.uri(), StandardCharsets.UTF_8);
        String path;
        Map<String, List<String>> params;
        try {
            path = uri.path();
            params = uri.parameters();
        } catch (IllegalArgumentException e) {
            refuse(400, "the query cannot be decoded");
            return;
        }
        for (Mount<?> mount : server.settings().mounts()) {
            if (path.equals(mount.path() + "/websocket")) {
                upgrade(mount, request, params);
                return;
            }
        }
        boolean keepAlive = HttpUtil.isKeepAlive(request) && !HttpUtil.isTransferEncodingChunked(request)
                && HttpUtil.getContentLength(request, 0L) == 0;
        if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            refuse(405, "");
        } else if (path.equals("/health")) {
            health(request, keepAlive);
        } else {
            file(path, request, keepAlive);
        }
    }

    private static int malformed(Throwable cause) {
        return switch (cause) {
            case TooLongHttpLineException line -> 414;
            case TooLongHttpHeaderException header -> 431;
            case TooLongFrameException frame -> 431;
            default -> 400;
        };
    }

    private void health(HttpRequest request, boolean keepAlive) {
        boolean draining = server.draining();
        String json = "{\"status\":\"" + (draining ? "draining" : "up") + "\",\"connections\":"
                + counts.get(Count.CONNECTIONS) + ",\"channels\":" + counts.get(Count.CHANNELS) + ",\"topics\":"
                + hub().topics() + "}";
        respond(
                draining ? 503 : 200,
                "application/json; charset=utf-8",
                json.getBytes(StandardCharsets.UTF_8),
                request,
                keepAlive);
    }

    private void file(String path, HttpRequest request, boolean keepAlive) {
        Optional<StaticFiles> files = server.settings().files().stream()
                .filter(folder -> path.startsWith(folder.prefix()))
                .findFirst();
        if (files.isEmpty()) {
            refuse(404, "");
            return;
        }
        THREADS.newThread(() -> {
                    Optional<StaticFiles.Content> content;
                    try {
                        content = files.get().find(path);
                    } catch (IOException e) {
                        LOG.error("A file cannot be read", e);
                        content = Optional.empty();
                    }
                    Optional<StaticFiles.Content> found = content;
                    channel.eventLoop().execute(() -> {
                        if (found.isEmpty()) {
                            refuse(404, "");
                        } else {
                            respond(200, found.get().type(), found.get().bytes(), request, keepAlive);
                        }
                    });
                })
                .start();
    }

    private <S> void upgrade(Mount<S> mount, HttpRequest request, Map<String, List<String>> params) {
        if (!request.method().equals(HttpMethod.GET)) {
            refuse(400, "");
            return;
        }
        if (server.draining()) {
            refuse(503, "draining");
            return;
        }
        String origin = request.headers().get(HttpHeaderNames.ORIGIN);
        String host = request.headers().get(HttpHeaderNames.HOST);
        if (origin != null && !server.settings().origins().allows(origin, host)) {
            counts.increment(Count.REFUSED_ORIGIN);
            LOG.warn(
                    "A page of origin '{}' may not connect to {} at host '{}'; to allow it: .origins(\"{}\").",
                    printable(origin),
                    mount.path(),
                    host == null ? "-" : printable(host),
                    printable(origin));
            refuse(403, "");
            return;
        }
        Subprotocols offered =
                Subprotocols.parse(request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL));
        if (!offered.valid()) {
            counts.increment(Count.REFUSED_REQUEST);
            refuse(403, "");
            return;
        }
        Optional<Serializer> serializer = Version.serializer(params.get("vsn"));
        if (serializer.isEmpty()) {
            counts.increment(Count.REFUSED_VERSION);
            LOG.warn(
                    "A client asked for version {} of the wire at {}; 2.0.0 is spoken here.",
                    printable(String.valueOf(params.getOrDefault("vsn", List.of("1.0.0")))),
                    mount.path());
            refuse(403, "");
            return;
        }
        ConnectRequest connect =
                new ConnectRequest(params, request.headers(), offered.token(), address(channel.remoteAddress()));
        THREADS.newThread(() -> {
                    Optional<ConnectOutcome<? extends S>> outcome = ask(mount, connect);
                    channel.eventLoop().execute(() -> answer(mount, request, offered, serializer.get(), outcome));
                })
                .start();
    }

    private static <S> Optional<ConnectOutcome<? extends S>> ask(Mount<S> mount, ConnectRequest request) {
        try {
            ConnectOutcome<? extends S> outcome = mount.socket().connect().connect(request);
            if (outcome == null) {
                throw new IllegalStateException(
                        "The connect handler returned null; return Connect.ok(assigns) or Connect.refuse().");
            }
            return Optional.of(outcome);
        } catch (Throwable e) {
            LOG.error("The connect handler of {} failed; the client gets status 500.", mount.path(), e);
            return Optional.empty();
        }
    }

    private <S> void answer(
            Mount<S> mount,
            HttpRequest request,
            Subprotocols offered,
            Serializer serializer,
            Optional<ConnectOutcome<? extends S>> outcome) {
        if (outcome.isEmpty()) {
            refuse(500, "");
            return;
        }
        switch (outcome.get()) {
            case ConnectOutcome.Refused<? extends S>(int status) -> {
                counts.increment(Count.REFUSED_CONNECT);
                refuse(status, "");
            }
            case ConnectOutcome.Accepted<? extends S>(var assigns, var id) -> {
                Optional<Handshake.Refusal> refusal = Handshake.check(request);
                if (refusal.isPresent()) {
                    counts.increment(Count.REFUSED_REQUEST);
                    refuse(refusal.get().status(), refusal.get().text());
                } else if (channel.isActive()) {
                    open(mount, request, offered, serializer, assigns, id);
                }
            }
        }
    }

    private <S> void open(
            Mount<S> mount,
            HttpRequest request,
            Subprotocols offered,
            Serializer serializer,
            S assigns,
            Optional<String> id) {
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
        response.headers()
                .set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET)
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE)
                .set(
                        HttpHeaderNames.SEC_WEBSOCKET_ACCEPT,
                        Handshake.accept(request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_KEY)));
        offered.chosen()
                .ifPresent(protocol -> response.headers().set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, protocol));
        channel.writeAndFlush(response, channel.voidPromise());
        WebSocketConnection socket = new WebSocketConnection(
                channel,
                counts,
                hub().limits().messageBytes(),
                connection -> hub().session(lane, connection, mount.routes(), serializer, assigns, id));
        channel.pipeline().replace(this, null, socket);
        channel.pipeline().remove(HttpServerCodec.class);
        socket.session().open();
        channel.config().setAutoRead(true);
    }

    private void refuse(int status, String text) {
        if (status == 404 || status == 400 || status == 405 || status == 414 || status == 431) {
            counts.increment(Count.REFUSED_REQUEST);
        }
        FullHttpResponse response = response(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
        response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        if (status == 405) {
            response.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
        }
        if (status == 426) {
            response.headers().set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13");
        }
        channel.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    private void respond(int status, String type, byte[] body, HttpRequest request, boolean keepAlive) {
        FullHttpResponse response = response(status, type, body);
        if (request.method().equals(HttpMethod.HEAD)) {
            response.content().clear();
        }
        response.headers().set("X-Content-Type-Options", "nosniff").set(HttpHeaderNames.CACHE_CONTROL, "no-cache");
        HttpUtil.setKeepAlive(response, keepAlive);
        if (keepAlive) {
            channel.writeAndFlush(response, channel.voidPromise());
            busy = false;
            awaitRequest();
            channel.config().setAutoRead(true);
        } else {
            channel.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
        }
    }

    private static FullHttpResponse response(int status, String type, byte[] body) {
        ByteBuf content = Unpooled.wrappedBuffer(body);
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), content);
        response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        if (body.length > 0) {
            response.headers().set(HttpHeaderNames.CONTENT_TYPE, type);
        }
        return response;
    }

    private static String address(SocketAddress address) {
        return address instanceof InetSocketAddress inet
                ? inet.getAddress().getHostAddress()
                : String.valueOf(address);
    }

    /** What a client sent, fit for a line of a log. */
    private static String printable(String text) {
        String clean = text.replaceAll("\\p{Cntrl}", "?");
        return clean.length() <= 200 ? clean : clean.substring(0, 200) + "…";
    }
}
