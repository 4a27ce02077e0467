package io.heliodor.transport.http;

import io.heliodor.observe.Observation;
import io.heliodor.session.Count;
import io.heliodor.session.Hub;
import io.heliodor.session.Lane;
import io.heliodor.transport.tls.TlsHandler;
import io.heliodor.transport.websocket.WebSocketConnection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection before it is a WebSocket: answers requests one after the other, and upgrades.
 *
 * <p>User code and disks are asked on a virtual thread. While a request is being answered the connection is not read,
 * and what came behind it waits at the {@link RequestGate}.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the connection, which is noticed there
public final class HttpConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");
    private static final int MAX_PARAMS = 1_024;

    /** The event on which the connection ends after its current response: the server stops. */
    public static final Object STOPPING = new Object();

    /** How long a client may go on sending when it has its last answer. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    /** Serves the requests of all connections of a server. */
    public interface RequestHandler {
        /** Responds to a request, or hands its connection over. On the loop of the connection. */
        void handle(HttpConnection http, HttpRequest request, String path, Map<String, List<String>> params);
    }

    private final HttpContext context;
    private final Lane lane;
    private final Channel channel;
    private final RequestGate gate;

    /** Who brings the requests. */
    private InetAddress peer;

    /** Who made the present request. */
    private TrustedProxies.Client client;

    /** What is taken while the handshake is unfinished. */
    private ConnectionPermits.Permit handshakePermit = ConnectionPermits.Unlimited.UNLIMITED;

    private @Nullable ScheduledFuture<?> deadline;
    private boolean responding;
    private boolean stopping;

    /** What is read of the present request. */
    private @Nullable RequestBody body;

    /** Whom to tell when the client goes before it has its answer. */
    private @Nullable Runnable onDisconnect;

    public HttpConnection(HttpContext context, Lane lane, Channel channel, RequestGate gate, InetAddress peer) {
        this.context = context;
        this.lane = lane;
        this.channel = channel;
        this.gate = gate;
        this.peer = peer;
        this.client = new TrustedProxies.Client(peer, Optional.empty());
        // Half a request, or none, holds a connection no longer.
        armDeadline(hub().limits().connections().handshakeTimeout(), () -> {
            countRefusal(Count.REFUSED_SLOW_HANDSHAKE, 0);
            channel.close();
        });
    }

    public Hub hub() {
        return context.hub();
    }

    public Channel channel() {
        return channel;
    }

    public Lane lane() {
        return lane;
    }

    /** Who made the present request. */
    public TrustedProxies.Client client() {
        return client;
    }

    /** The session of TLS, if the connection has one. */
    public Optional<SSLSession> tls() {
        return Optional.ofNullable(channel.pipeline().get(TlsHandler.class))
                .map(tls -> tls.engine().getSession());
    }

    // Its place among the others.

    /** The connection is that of a peer, with the place that its handshake has. */
    public void setPeer(InetAddress named, ConnectionPermits.Permit permit) {
        peer = named;
        handshakePermit = permit;
    }

    /** The handshake is over: the connection is a WebSocket, or what it asked for is being answered. */
    void releaseHandshakePermit() {
        handshakePermit.release();
        handshakePermit = ConnectionPermits.Unlimited.UNLIMITED;
    }

    /** Takes a place for a connection of the present client; if there is none, refuses the request. */
    public Optional<ConnectionPermits.Permit> acquireConnectionPermit() {
        return switch (context.permits().connection(client.address())) {
            case ConnectionPermits.Outcome.Granted(var permit) -> Optional.of(permit);
            case ConnectionPermits.Outcome.TooMany() -> {
                refuse(Count.REFUSED_CONNECTIONS, 503, "too many connections");
                yield Optional.empty();
            }
            case ConnectionPermits.Outcome.TooManyOfAddress() -> {
                refuse(Count.REFUSED_CONNECTIONS_OF_ADDRESS, 429, "too many connections of this address");
                yield Optional.empty();
            }
        };
    }

    /** Finds out who made a request. Whom a trusted peer names takes the place of a handshake now, if there is one. */
    private boolean resolveClient(HttpHeaders headers) {
        TrustedProxies proxies = context.proxies();
        client = proxies.client(peer, context.tls() ? Optional.of("https") : Optional.empty(), headers);
        if (!proxies.trusts(peer)) {
            return true;
        }
        if (context.permits().handshake(client.address()) instanceof ConnectionPermits.Outcome.Granted(var permit)) {
            handshakePermit = permit;
            return true;
        }
        return false;
    }

    /** How long the client may take nothing of an answer. */
    public Duration stallTimeout() {
        return hub().sessionLimits().stallTimeout();
    }

    public void onLoop(Runnable task) {
        lane.loop().execute(() -> {
            try {
                task.run();
            } catch (Throwable e) {
                failed(e);
            }
        });
    }

    private void armDeadline(Duration time, Runnable otherwise) {
        cancelDeadline();
        deadline = channel.eventLoop().schedule(otherwise, time.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void cancelDeadline() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            // At its end the decoder makes a request of half a one, which nobody waits for any more.
            if (message instanceof HttpRequest request && channel.isActive() && !responding) {
                request(request);
            }
            if (message instanceof HttpContent content && body != null) {
                read(body, content);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        releaseHandshakePermit();
        cancelDeadline();
        dropBody();
        if (onDisconnect != null) {
            onDisconnect.run();
            onDisconnect = null;
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        // One that fails because the connection was closed for something else is counted there.
        if (event instanceof SslHandshakeCompletionEvent tls && !tls.isSuccess() && channel.isActive()) {
            hub().counts().increment(Count.REFUSED_TLS);
        }
        if (event.equals(RequestGate.TOO_MANY_LINES) && !responding) {
            responding = true;
            cancelDeadline();
            refuse(Count.REFUSED_REQUEST, 431, "");
        }
        if (event.equals(STOPPING)) {
            stopping = true;
            if (!responding) {
                channel.close();
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        failed(cause);
    }

    /** While a request is answered no clock runs: what goes wrong must end the connection. */
    private void failed(Throwable cause) {
        if (cause instanceof IOException || cause.getCause() instanceof SSLException) {
            LOG.debug("A connection failed", cause);
        } else {
            context.faults().write(() -> LOG.error("A connection is closed for a fault of the server", cause));
        }
        channel.close();
    }

    private void request(HttpRequest request) {
        responding = true;
        gate.shut();
        cancelDeadline();
        channel.config().setAutoRead(false);
        if (request.decoderResult().isFailure()) {
            refuse(Count.REFUSED_REQUEST, statusOf(request.decoderResult().cause()), "");
            return;
        }
        if (request.protocolVersion().equals(HttpVersion.HTTP_1_1)
                && request.headers().getAll(HttpHeaderNames.HOST).size() != 1) {
            refuse(Count.REFUSED_REQUEST, 400, "one 'host' header is needed");
            return;
        }
        if (!resolveClient(request.headers())) {
            refuse(Count.REFUSED_HANDSHAKES, 429, "too many handshakes of this address");
            return;
        }
        QueryStringDecoder uri = new QueryStringDecoder(request.uri(), StandardCharsets.UTF_8, true, MAX_PARAMS, true);
        String path;
        Map<String, List<String>> params;
        try {
            path = uri.path();
            params = uri.parameters();
        } catch (IllegalArgumentException e) {
            refuse(Count.REFUSED_REQUEST, 400, "the path or the query cannot be decoded");
            return;
        }
        context.handler().handle(this, request, path, params);
    }

    private static int statusOf(Throwable cause) {
        return switch (cause) {
            case TooLongHttpLineException line -> 414;
            case TooLongFrameException header -> 431;
            default -> 400;
        };
    }

    /** Whether a request announces anything behind its head. */
    public static boolean hasBody(HttpRequest request) {
        return HttpUtil.isTransferEncodingChunked(request) || HttpUtil.getContentLength(request, 0L) != 0;
    }

    // Bodies, and requests that wait.

    /** Reads the body of the present request; refuses the request if it is not there in time. */
    public void read(HttpRequest request, RequestBody wanted, Duration time) {
        releaseHandshakePermit();
        body = wanted;
        armDeadline(time, () -> refuseBody(408, ""));
        if (HttpUtil.is100ContinueExpected(request)) {
            channel.writeAndFlush(
                    new DefaultFullHttpResponse(
                            HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER),
                    channel.voidPromise());
        }
        channel.config().setAutoRead(true);
        gate.passBody(
                HttpUtil.isTransferEncodingChunked(request) ? Long.MAX_VALUE : HttpUtil.getContentLength(request, 0L));
    }

    private void read(RequestBody wanted, HttpContent content) {
        if (content.decoderResult().isFailure()) {
            refuseBody(400, "the body cannot be decoded");
            return;
        }
        OptionalInt refusal = wanted.add(content.content());
        if (refusal.isPresent()) {
            refuseBody(refusal.getAsInt(), "");
        } else if (content instanceof LastHttpContent) {
            body = null;
            gate.shut();
            cancelDeadline();
            channel.config().setAutoRead(false);
            wanted.finish();
        }
    }

    private void refuseBody(int status, String text) {
        dropBody();
        refuse(Count.REFUSED_REQUEST, status, text);
    }

    private void dropBody() {
        if (body != null) {
            body.release();
            body = null;
        }
    }

    /** The present request waits. It is read on, to see when the client goes; what it sends is held at the gate. */
    public void park(Runnable task) {
        if (channel.isActive()) {
            releaseHandshakePermit();
            onDisconnect = task;
            channel.config().setAutoRead(true);
        } else {
            task.run();
        }
    }

    // Responses.

    /** Answers that a request is not served, counts why, and ends the connection. */
    public void refuse(Count why, int status, String text) {
        refuse(why, status, text, Optional.empty());
    }

    /** The same with the time after which to try again. */
    public void refuse(Count why, int status, String text, Optional<Duration> retryAfter) {
        countRefusal(why, status);
        FullHttpResponse response = response(status, "text/plain; charset=utf-8", text);
        retryAfter.ifPresent(time -> response.headers()
                .set(HttpHeaderNames.RETRY_AFTER, time.plusNanos(999_999_999).toSeconds()));
        if (status == 405) {
            response.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
        }
        if (status == 426) {
            response.headers().set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13");
        }
        respond(response, false);
    }

    /** Counts a refusal, and tells who listens. */
    public void countRefusal(Count why, int status) {
        hub().counts().increment(why);
        hub().observers()
                .happened(() -> new Observation.RequestRefused(why.reason().orElse(""), status));
    }

    static FullHttpResponse response(int status, String type, String text) {
        ByteBuf content = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), content);
        response.headers().set(HttpHeaderNames.CONTENT_LENGTH, content.readableBytes());
        if (content.isReadable()) {
            response.headers().set(HttpHeaderNames.CONTENT_TYPE, type);
        }
        return response;
    }

    /** What every answer says. */
    static HttpResponse withDefaultHeaders(HttpResponse response, boolean keepAlive) {
        response.headers().set("X-Content-Type-Options", "nosniff");
        if (!response.headers().contains(HttpHeaderNames.CACHE_CONTROL)) {
            response.headers().set(HttpHeaderNames.CACHE_CONTROL, "no-cache");
        }
        HttpUtil.setKeepAlive(response, keepAlive);
        return response;
    }

    /** Sends a small answer, which the client must take within the time in which it must ask. */
    public void respond(FullHttpResponse response, boolean keepAlive) {
        respond(response, keepAlive, hub().limits().connections().handshakeTimeout());
    }

    /** Sends an answer that the client must take within a time. */
    public ChannelFuture respond(FullHttpResponse response, boolean keepAlive, Duration time) {
        onDisconnect = null;
        if (channel.isActive()) {
            armDeadline(time, channel::close);
        }
        return channel.writeAndFlush(withDefaultHeaders(response, keepAlive)).addListener(written -> {
            if (written.isSuccess()) {
                responseWritten(keepAlive);
            } else {
                failed(written.cause());
            }
        });
    }

    /** The client has an answer: on with its next request, or the end. */
    void responseWritten(boolean keepAlive) {
        if (!channel.isActive()) {
            return;
        }
        if (keepAlive && !stopping) {
            releaseHandshakePermit();
            responding = false;
            armDeadline(hub().limits().connections().handshakeTimeout(), channel::close);
            channel.config().setAutoRead(true);
            gate.open();
        } else {
            // Closing at once would answer what the client still sends with a reset, and a reset takes the answer away.
            gate.discard();
            channel.config().setAutoRead(true);
            TlsHandler.shutdownOutput(channel);
            armDeadline(LINGER, channel::close);
        }
    }

    /** Hands the connection over to a WebSocket; what the client has sent behind its request are frames. */
    public void upgradeTo(HttpResponse switching, WebSocketConnection socket) {
        releaseHandshakePermit();
        channel.writeAndFlush(switching, channel.voidPromise());
        ByteBuf eager = gate.rest();
        channel.pipeline().replace(this, null, socket);
        channel.pipeline().remove(HttpServerCodec.class);
        channel.pipeline().remove(gate);
        channel.config().setAutoRead(true);
        socket.open(eager);
    }
}
