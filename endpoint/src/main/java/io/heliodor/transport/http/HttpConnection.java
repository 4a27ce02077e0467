package io.heliodor.transport.http;

import io.heliodor.observe.Observation;
import io.heliodor.session.Hub;
import io.heliodor.session.LaneSessions;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.transport.io.BlockingTasks;
import io.heliodor.transport.tls.TlsHandler;
import io.heliodor.type.text.EscapedException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    /** Serves the requests of all connections of a server. */
    public interface RequestHandler {
        /** Responds to a request, or hands its connection over. On the loop of the connection. */
        void handle(HttpConnection http, HttpRequest request, String path, Map<String, List<String>> params);
    }

    private final HttpContext context;
    private final LaneSessions lane;
    private final Channel channel;
    private final RequestGate gate;
    private final ClientPermits permits;
    private final Deadline deadline;
    private final BodyReader bodies;
    private boolean responding;
    private boolean stopping;

    /** Whether the current request is one of HTTP/1.0. */
    private boolean oldClient;

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
        this.permits = new ClientPermits(context, peer);
        this.deadline = new Deadline(channel);
        this.bodies = new BodyReader(channel, gate, hub().memory(), deadline, this::refuseBody);
        awaitRequest();
    }

    /** A client without a complete request does not hold a connection for longer than a handshake may take. */
    private void awaitRequest() {
        deadline.set(hub().limits().connections().handshakeTimeout(), () -> {
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
        return permits.client();
    }

    /** Whether a trusted proxy sent the current request, so that its headers are those of the proxy. */
    public boolean isProxied() {
        return permits.isProxied();
    }

    /** The TLS session, if the connection is encrypted. */
    public Optional<SSLSession> tls() {
        return Optional.ofNullable(channel.pipeline().get(TlsHandler.class))
                .map(tls -> tls.engine().getSession());
    }

    // Permits.

    /** Sets the peer, when it is known, and its handshake permit. */
    public void setPeer(InetAddress named, ConnectionPermits.Permit permit) {
        permits.peer(named, permit);
    }

    /** Acquires a permit for a connection of the current client, or refuses the request. */
    public Optional<ConnectionPermits.Permit> acquireConnectionPermit() {
        return switch (permits.acquire()) {
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
        // Nothing would release a permit after the end.
        return channel.isActive() && permits.mayWait();
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
            permits.release();
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
        respond(Responses.text(500, ""), false);
        context.faults()
                .write(() -> LOG.error(
                        "A request failed for a fault of the server; the client gets status 500",
                        EscapedException.of(cause)));
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

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            // At its end the decoder emits an incomplete request, which must not be served.
            if (message instanceof HttpRequest request && channel.isActive() && !responding) {
                request(request);
            }
            if (message instanceof HttpContent part) {
                bodies.arrived(part);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ended = true;
        if (tasks == 0) {
            permits.release();
        }
        deadline.cancel();
        bodies.end();
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
            deadline.cancel();
            refuse(Counter.REFUSED_REQUEST, 431, "");
        }
        if (event.equals(RequestGate.NEXT_BEGINS) && !responding) {
            awaitRequest();
        }
        if (event.equals(RequestGate.ENDED)) {
            bodies.gateEnded();
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
            context.faults()
                    .write(() ->
                            LOG.error("A connection is closed for a fault of the server", EscapedException.of(cause)));
        }
        channel.close();
    }

    private void request(HttpRequest request) {
        responding = true;
        gate.close();
        deadline.cancel();
        channel.config().setAutoRead(false);
        oldClient = request.protocolVersion().equals(HttpVersion.HTTP_1_0);
        switch (CheckedHead.of(request, context.hosts())) {
            case CheckedHead.Refused(Counter why, int status, String text) -> refuse(why, status, text);
            case CheckedHead.Valid(RequestTarget target) -> serve(request, target);
        }
    }

    private void serve(HttpRequest request, RequestTarget target) {
        if (!permits.begin(request.headers())) {
            refuse(Counter.REFUSED_HANDSHAKES, 429, "too many handshakes of this address");
            return;
        }
        gate.addParams(target.params().values().stream().mapToInt(List::size).sum());
        context.handler().handle(this, request, target.path(), target.params());
    }

    /** Whether a request announces a body. */
    public static boolean hasBody(HttpRequest request) {
        return BodyReader.hasBody(request);
    }

    // Bodies and parked requests.

    /**
     * Reads the body of the current request, and refuses the request if the body does not arrive in time. Releases the body
     * if the connection has ended.
     *
     * @param time the time for the first byte, and the maximum of each gap, see {@link BodyDeadline}
     */
    public void read(HttpRequest request, RequestBody wanted, Duration time) {
        bodies.read(request, wanted, time);
    }

    /**
     * Reads the body of the current request if the connection ends before a call of {@link #cancelReadAtEnd}: some
     * transports detect a FIN although the connection is not read, and the whole body may have arrived before it. A part of
     * a body is released.
     */
    public void readAtEnd(HttpRequest request, RequestBody wanted) {
        bodies.readAtEnd(request, wanted);
    }

    public void cancelReadAtEnd() {
        bodies.cancelReadAtEnd();
    }

    private void refuseBody(String text, int status) {
        refuse(status == 503 ? Counter.REFUSED_OVERLOADED : Counter.REFUSED_REQUEST, status, text);
    }

    /** Releases the memory of the current request's head: the caller holds none of its parameters and header lines any more. */
    public void releaseHead() {
        gate.releaseHead();
    }

    /** Parks the current request. The connection is still read, to detect a disconnect; the gate holds the bytes. */
    public void park(Runnable task) {
        if (channel.isActive()) {
            permits.release();
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
        respond(Responses.refusal(status, text, retryAfter), false);
    }

    /** Counts a refusal and notifies the observers. */
    public void countRefusal(Counter why, int status) {
        hub().counters().increment(why);
        hub().observers()
                .happened(() -> new Observation.RequestRefused(why.reason().orElse(""), status));
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
            deadline.set(hub().limits().connections().handshakeTimeout(), channel::close);
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
        deadline.set(pace.period(), () -> {
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
            permits.requestEnded();
            responding = false;
            deadline.set(hub().limits().connections().keepAliveTimeout(), channel::close);
            channel.config().setAutoRead(true);
            gate.open();
        } else {
            // An immediate close would answer further bytes of the client with a reset, which discards the response.
            gate.discard();
            channel.config().setAutoRead(true);
            TlsHandler.shutdownOutput(channel);
            deadline.set(LINGER, channel::close);
        }
    }

    /** Replaces this handler by that of another protocol; returns the bytes that followed the request, if there are any. */
    public @Nullable ByteBuf upgradeTo(HttpResponse switching, ChannelHandler handler) {
        responses++;
        permits.release();
        channel.writeAndFlush(switching, channel.voidPromise());
        ByteBuf rest = gate.rest();
        channel.pipeline().replace(this, null, handler);
        channel.pipeline().remove(HttpServerCodec.class);
        channel.pipeline().remove(gate);
        channel.config().setAutoRead(true);
        return rest;
    }
}
