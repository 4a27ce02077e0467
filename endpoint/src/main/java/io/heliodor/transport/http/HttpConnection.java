package io.heliodor.transport.http;

import io.heliodor.observe.Observation;
import io.heliodor.session.Hub;
import io.heliodor.session.LaneSessions;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.transport.io.BlockingTasks;
import io.heliodor.transport.tls.TlsHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
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
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The handler of an HTTP connection: it serves one request at a time, until an upgrade replaces it.
 *
 * <p>All methods run on the connection's event loop unless they say otherwise; calls that may block run on virtual threads.
 * During a response the connection is not read, and bytes of the next request wait in the {@link RequestGate}.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the connection, which is noticed there
public final class HttpConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    /** The user event that closes the connection after its current response, when the server stops. */
    public static final Object STOPPING = new Object();

    /** The time that a client may still send after its last response. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    /** An unfinished body is refused if two checks find memory tight, before sessions are closed for it. */
    private static final long BODY_CHECK_NANOS = 500_000_000;

    /** Serves the requests of all connections of a server. */
    public interface RequestHandler {
        /** Responds to a request, or hands its connection over. On the loop of the connection. */
        void handle(HttpConnection http, HttpRequest request, String path, Map<String, List<String>> params);
    }

    private final HttpContext context;
    private final LaneSessions lane;
    private final Channel channel;
    private final RequestGate gate;

    /** The address that opened the connection, or that the PROXY header names. */
    private InetAddress peer;

    /** The client of the current request. */
    private TrustedProxies.Client client;

    /** Held until the connection is a WebSocket, except while it is parked; behind a trusted peer for each request. */
    private ConnectionPermits.Permit handshakePermit = ConnectionPermits.Unlimited.UNLIMITED;

    private @Nullable ScheduledFuture<?> deadline;
    private boolean responding;
    private boolean stopping;

    /** Whether the current request is one of HTTP/1.0. */
    private boolean oldClient;

    /** The body of the current request, while it is read. */
    private @Nullable ArrivingBody body;

    private record ArrivingBody(RequestBody content, BodyDeadline due) {}

    /** Reads the body of the current request when the connection ends, if it shall be read then. */
    private @Nullable Runnable readAtEnd;

    /** The number of tasks that hold a request of this connection; they may outlive it. */
    private int tasks;

    private boolean ended;

    /** Changes with each response and with the upgrade: shows a task that fails whether its request was answered. */
    private int responses;

    /** Runs if the client disconnects before its response. */
    private @Nullable Runnable onDisconnect;

    public HttpConnection(HttpContext context, LaneSessions lane, Channel channel, RequestGate gate, InetAddress peer) {
        this.context = context;
        this.lane = lane;
        this.channel = channel;
        this.gate = gate;
        this.peer = peer;
        this.client = new TrustedProxies.Client(peer, Optional.empty());
        awaitRequest();
    }

    /** A client without a complete request does not hold a connection for longer than a handshake may take. */
    private void awaitRequest() {
        armDeadline(hub().limits().connections().handshakeTimeout(), () -> {
            countRefusal(Counter.REFUSED_SLOW_HANDSHAKE, 0);
            channel.close();
        });
    }

    public Hub hub() {
        return context.hub();
    }

    public Channel channel() {
        return channel;
    }

    public LaneSessions lane() {
        return lane;
    }

    /** The client of the current request. */
    public TrustedProxies.Client client() {
        return client;
    }

    /** The TLS session, if the connection is encrypted. */
    public Optional<SSLSession> tls() {
        return Optional.ofNullable(channel.pipeline().get(TlsHandler.class))
                .map(tls -> tls.engine().getSession());
    }

    // Permits.

    /** Sets the peer, when it is known, and its handshake permit. */
    public void setPeer(InetAddress named, ConnectionPermits.Permit permit) {
        peer = named;
        handshakePermit = permit;
    }

    /** Releases the handshake permit: the connection is a WebSocket, or a session that polls has it. */
    private void releaseHandshakePermit() {
        handshakePermit.release();
        handshakePermit = ConnectionPermits.Unlimited.UNLIMITED;
    }

    /** Acquires a permit for a connection of the current client, or refuses the request. */
    public Optional<ConnectionPermits.Permit> acquireConnectionPermit() {
        return switch (context.permits().connection(client.address())) {
            case ConnectionPermits.Outcome.Granted(var permit) -> Optional.of(permit);
            case ConnectionPermits.Outcome.TooMany() -> {
                refuse(Counter.REFUSED_CONNECTIONS, 503, "too many connections");
                yield Optional.empty();
            }
            case ConnectionPermits.Outcome.TooManyOfAddress() -> {
                refuse(Counter.REFUSED_CONNECTIONS_OF_ADDRESS, 429, "too many connections of this address");
                yield Optional.empty();
            }
        };
    }

    /** Whether the connection may wait for another request: without a permit of its address it ends after this response. */
    public boolean mayStay() {
        if (!channel.isActive()) {
            return false; // nothing would release a permit
        }
        if (context.proxies().trusts(peer)) {
            return true;
        }
        if (handshakePermit != ConnectionPermits.Unlimited.UNLIMITED) {
            return context.permits().mayWait(peer);
        }
        if (context.permits().waiting(peer) instanceof ConnectionPermits.Outcome.Granted(var permit)) {
            handshakePermit = permit;
            return true;
        }
        return false;
    }

    /** Sets the client of a request. Behind a trusted peer it needs a handshake permit now; false if there is none. */
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

    /** Holds the current request until the returned permit is released. */
    ConnectionPermits.Permit holdRequest() {
        tasks++;
        ConnectionPermits.Permit head = gate.holdHead();
        return ConnectionPermits.once(() -> {
            if (lane.loop().inEventLoop()) {
                taskReturned(head);
            } else {
                onLoop(() -> taskReturned(head));
            }
        });
    }

    private void taskReturned(ConnectionPermits.Permit head) {
        head.release();
        tasks--;
        if (ended && tasks == 0) {
            releaseHandshakePermit();
        }
    }

    /**
     * Begins a task that holds the current request: its head and its handshake permit count, also after the end of the
     * connection, until the task releases a permit.
     *
     * @param begin begins the task with that permit, which any thread may release; if it throws, the permit is released
     */
    public void holdRequest(Consumer<ConnectionPermits.Permit> begin) {
        ConnectionPermits.Permit hold = holdRequest();
        try {
            begin.accept(hold);
        } catch (Throwable e) {
            hold.release();
            throw e;
        }
    }

    /** Runs a task on a virtual thread, which holds the current request until it returns. */
    public void runBlocking(Runnable task) {
        holdRequest(hold -> BlockingTasks.start(holding(hold, task)));
    }

    /** A task that releases the permit of the current request when it returns, and ends the request if it fails. */
    Runnable holding(ConnectionPermits.Permit hold, Runnable task) {
        int before = responses;
        return () -> {
            try {
                task.run();
            } catch (Throwable e) {
                onLoop(() -> taskFailed(before, e));
            } finally {
                hold.release();
            }
        };
    }

    /** Ends a request whose task failed: while it is not answered no deadline is armed. */
    private void taskFailed(int before, Throwable cause) {
        if (responses != before || !channel.isActive()) {
            failed(cause);
            return;
        }
        // First: the failure may be one that cannot be logged.
        respond(response(500, "text/plain; charset=utf-8", ""), false);
        context.faults()
                .write(() ->
                        LOG.error("A request failed for a fault of the server; the client gets status 500", cause));
    }

    /** Sets a task that runs if the client disconnects before its response. */
    void onDisconnect(Runnable task) {
        onDisconnect = task;
    }

    /** The time after which a client that takes nothing of a response is closed. */
    Duration stallTimeout() {
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

    /** Runs a task in a later turn of the loop, or on the calling thread if the loop has ended. */
    void inLaterTurn(Runnable task) {
        lane.performLater(task);
    }

    private void armDeadline(Duration time, Runnable onTimeout) {
        cancelDeadline();
        deadline = channel.eventLoop().schedule(onTimeout, time.toNanos(), TimeUnit.NANOSECONDS);
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
            // At its end the decoder emits an incomplete request, which must not be served.
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
        ended = true;
        if (tasks == 0) {
            releaseHandshakePermit();
        }
        cancelDeadline();
        dropBody();
        if (onDisconnect != null) {
            onDisconnect.run();
            onDisconnect = null;
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        // A handshake that fails because the connection is already closed was counted with the close.
        if (event instanceof SslHandshakeCompletionEvent tls && !tls.isSuccess() && channel.isActive()) {
            hub().counters().increment(Counter.REFUSED_TLS);
        }
        if (event.equals(RequestGate.TOO_MANY_LINES) && !responding) {
            responding = true;
            cancelDeadline();
            refuse(Counter.REFUSED_REQUEST, 431, "");
        }
        if (event.equals(RequestGate.NEXT_BEGINS) && !responding) {
            awaitRequest();
        }
        if (event.equals(RequestGate.ENDED) && readAtEnd != null) {
            Runnable read = readAtEnd;
            readAtEnd = null;
            read.run();
        }
        if (event.equals(RequestGate.NO_MEMORY)) {
            countRefusal(Counter.REFUSED_OVERLOADED, 0);
            channel.close();
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

    /** Closes the connection after a fault: no deadline is armed during a response. */
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
        gate.close();
        cancelDeadline();
        channel.config().setAutoRead(false);
        if (request.decoderResult().isFailure()) {
            refuse(Counter.REFUSED_REQUEST, statusOf(request.decoderResult().cause()), "");
            return;
        }
        HttpVersion version = request.protocolVersion();
        oldClient = version.equals(HttpVersion.HTTP_1_0);
        if (!version.equals(HttpVersion.HTTP_1_1) && !oldClient) {
            refuse(Counter.REFUSED_REQUEST, 505, "only HTTP/1.1 and HTTP/1.0 are served");
            return;
        }
        if (request.headers().getAll(HttpHeaderNames.ORIGIN).size() > 1) {
            refuse(Counter.REFUSED_REQUEST, 400, "a request has one 'origin' header");
            return;
        }
        RequestTarget target;
        try {
            target = RequestTarget.parse(request.uri());
        } catch (IllegalArgumentException e) {
            refuse(Counter.REFUSED_REQUEST, 400, "the path or the query cannot be decoded");
            return;
        }
        if (!checkHost(request, target.authority())) {
            return;
        }
        if (!resolveClient(request.headers())) {
            refuse(Counter.REFUSED_HANDSHAKES, 429, "too many handshakes of this address");
            return;
        }
        gate.addParams(target.params().values().stream().mapToInt(List::size).sum());
        context.handler().handle(this, request, target.path(), target.params());
    }

    /** Whether the host of a request is valid and served; if not, the request is refused. */
    private boolean checkHost(HttpRequest request, Optional<String> authority) {
        List<String> named = request.headers().getAll(HttpHeaderNames.HOST);
        if (named.size() > 1 || (named.isEmpty() && request.protocolVersion().equals(HttpVersion.HTTP_1_1))) {
            refuse(Counter.REFUSED_REQUEST, 400, "one 'host' header is needed");
            return false;
        }
        Optional<String> header = authority.or(() -> named.stream().findFirst());
        Optional<String> host = header.flatMap(ServedHosts::parse);
        if (header.isPresent() && host.isEmpty()) {
            refuse(Counter.REFUSED_REQUEST, 400, "the host is not valid");
            return false;
        }
        // RFC 9112, section 3.2.2: the authority replaces the header, which refuses no character of a valid host.
        authority.ifPresent(each -> request.headers().set(HttpHeaderNames.HOST, each));
        if (!context.hosts().serves(host)) {
            refuse(Counter.REFUSED_HOST, 403, "this host is not served");
            return false;
        }
        return true;
    }

    private static int statusOf(Throwable cause) {
        return switch (cause) {
            case TooLongHttpLineException line -> 414;
            case TooLongFrameException header -> 431;
            default -> 400;
        };
    }

    /** Whether a request announces a body. */
    public static boolean hasBody(HttpRequest request) {
        return HttpUtil.isTransferEncodingChunked(request) || HttpUtil.getContentLength(request, 0L) != 0;
    }

    // Bodies and parked requests.

    /**
     * Reads the body of the current request, and refuses the request if the body does not arrive in time. Releases the body
     * if the connection has ended.
     *
     * @param time the time for the first byte, and the maximum of each gap, see {@link BodyDeadline}
     */
    public void read(HttpRequest request, RequestBody wanted, Duration time) {
        if (ended) {
            // Nothing arrives any more, and nothing would release the body or cancel its deadline.
            wanted.release();
            return;
        }
        if (!hasBody(request)) {
            // The decoder may have emitted its end before this call.
            wanted.finish();
            return;
        }
        body = new ArrivingBody(wanted, new BodyDeadline(time, System.nanoTime()));
        if (channel.isActive()) {
            checkBody(body, false);
            if (HttpUtil.is100ContinueExpected(request)) {
                channel.writeAndFlush(
                        new DefaultFullHttpResponse(
                                HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER),
                        channel.voidPromise());
            }
            channel.config().setAutoRead(true);
        }
        // Also if the connection is closed, and its end comes with a later task of the loop: all may have arrived.
        passBody(request);
    }

    private void passBody(HttpRequest request) {
        if (HttpUtil.isTransferEncodingChunked(request)) {
            gate.passChunks();
        } else {
            gate.passBody(HttpUtil.getContentLength(request, 0L));
        }
    }

    /**
     * Reads the body of the current request if the connection ends before a call of {@link #cancelReadAtEnd}: some
     * transports detect a FIN although the connection is not read, and the whole body may have arrived before it. A part of
     * a body is released.
     */
    public void readAtEnd(HttpRequest request, RequestBody wanted) {
        readAtEnd = () -> {
            body = new ArrivingBody(wanted, new BodyDeadline(Duration.ZERO, System.nanoTime()));
            passBody(request);
        };
    }

    public void cancelReadAtEnd() {
        readAtEnd = null;
    }

    /** Refuses a body that does not arrive in time, or that is unfinished while memory is tight. */
    private void checkBody(ArrivingBody arriving, boolean wasTight) {
        boolean tight = hub().memory().tight();
        long left = arriving.due.left(System.nanoTime());
        if (tight && wasTight) {
            refuseBody(503, "overloaded");
        } else if (left <= 0) {
            refuseBody(408, "");
        } else {
            armDeadline(Duration.ofNanos(Math.min(left, BODY_CHECK_NANOS)), () -> checkBody(arriving, tight));
        }
    }

    private void read(ArrivingBody arriving, HttpContent content) {
        if (content.decoderResult().isFailure()) {
            refuseBody(400, "the body cannot be decoded");
            return;
        }
        int bytes = content.content().readableBytes();
        OptionalInt refusal = arriving.content.add(content.content());
        if (refusal.isPresent()) {
            refuseBody(refusal.getAsInt(), "");
        } else if (content instanceof LastHttpContent) {
            body = null;
            gate.close();
            cancelDeadline();
            channel.config().setAutoRead(false);
            arriving.content.finish();
        } else {
            arriving.due.arrived(bytes, System.nanoTime());
            arriving.content.partArrived();
        }
    }

    private void refuseBody(int status, String text) {
        dropBody();
        refuse(status == 503 ? Counter.REFUSED_OVERLOADED : Counter.REFUSED_REQUEST, status, text);
    }

    private void dropBody() {
        if (body != null) {
            body.content.release();
            body = null;
        }
    }

    /** Releases the memory of the current request's head: the caller holds none of its parameters and header lines any more. */
    public void releaseHead() {
        gate.releaseHead();
    }

    /** Parks the current request. The connection is still read, to detect a disconnect; the gate holds the bytes. */
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

    /** Refuses a request with a status, counts the reason, and closes the connection. */
    public void refuse(Counter why, int status, String text) {
        refuse(why, status, text, Optional.empty());
    }

    /** Refuses a request with the time after which the client may retry. */
    public void refuse(Counter why, int status, String text, Optional<Duration> retryAfter) {
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

    /** Counts a refusal and notifies the observers. */
    public void countRefusal(Counter why, int status) {
        hub().counters().increment(why);
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

    /** Adds the headers of every response. The loop, or a task that holds the current request. */
    HttpResponse withDefaultHeaders(HttpResponse response, boolean keepAlive) {
        response.headers().set("X-Content-Type-Options", "nosniff");
        if (!response.headers().contains(HttpHeaderNames.CACHE_CONTROL)) {
            response.headers().set(HttpHeaderNames.CACHE_CONTROL, "no-cache");
        }
        HttpUtil.setKeepAlive(response, keepAlive);
        if (keepAlive && oldClient) {
            // RFC 9112, section 9.3: without it the client awaits the end of the connection.
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
        }
        return response;
    }

    /** Sends a small response, which the client must take within the handshake timeout. */
    public void respond(FullHttpResponse response, boolean keepAlive) {
        if (channel.isActive()) {
            armDeadline(hub().limits().connections().handshakeTimeout(), channel::close);
        }
        send(response, keepAlive);
    }

    /** Sends a response of any size, which the client must take at the {@link ResponsePace}. */
    public ChannelFuture respondPaced(FullHttpResponse response, boolean keepAlive) {
        int bytes = response.content().readableBytes();
        ChannelFuture sent = send(response, keepAlive);
        if (!sent.isDone() && channel.isActive()) {
            checkTaken(new ResponsePace(stallTimeout(), bytes, pending()));
        }
        return sent;
    }

    private void checkTaken(ResponsePace pace) {
        armDeadline(pace.period(), () -> {
            if (pace.isTooSlow(pending())) {
                LOG.debug("A client does not take a response.");
                channel.close();
            } else {
                checkTaken(pace);
            }
        });
    }

    /** The bytes that the socket has not taken. With TLS they grow when they are encrypted, before the first check. */
    private long pending() {
        ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
        // The total includes all bytes of a partly written buffer.
        return out == null ? 0 : out.totalPendingWriteBytes() - out.currentProgress();
    }

    private ChannelFuture send(FullHttpResponse response, boolean keepAlive) {
        responses++;
        onDisconnect = null;
        boolean stays = keepAlive && mayStay();
        return channel.writeAndFlush(withDefaultHeaders(response, stays)).addListener(written -> {
            if (written.isSuccess()) {
                responseWritten(stays);
            } else {
                failed(written.cause());
            }
        });
    }

    /** Continues with the next request after a response, or closes the connection. */
    void responseWritten(boolean keepAlive) {
        responses++;
        if (!channel.isActive()) {
            return;
        }
        if (keepAlive && !stopping) {
            if (context.proxies().trusts(peer)) {
                releaseHandshakePermit();
            }
            responding = false;
            armDeadline(hub().limits().connections().keepAliveTimeout(), channel::close);
            channel.config().setAutoRead(true);
            gate.open();
        } else {
            // An immediate close would answer further bytes of the client with a reset, which discards the response.
            gate.discard();
            channel.config().setAutoRead(true);
            TlsHandler.shutdownOutput(channel);
            armDeadline(LINGER, channel::close);
        }
    }

    /** Replaces this handler by that of another protocol; returns the bytes that followed the request, if there are any. */
    public @Nullable ByteBuf upgradeTo(HttpResponse switching, ChannelHandler handler) {
        responses++;
        releaseHandshakePermit();
        channel.writeAndFlush(switching, channel.voidPromise());
        ByteBuf rest = gate.rest();
        channel.pipeline().replace(this, null, handler);
        channel.pipeline().remove(HttpServerCodec.class);
        channel.pipeline().remove(gate);
        channel.config().setAutoRead(true);
        return rest;
    }
}
