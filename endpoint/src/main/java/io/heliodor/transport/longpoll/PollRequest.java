package io.heliodor.transport.longpoll;

import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.Socket;
import io.heliodor.session.Hub;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.transport.handshake.Admission;
import io.heliodor.transport.handshake.ConnectRequest;
import io.heliodor.transport.handshake.ConnectingClient;
import io.heliodor.transport.handshake.Mount;
import io.heliodor.transport.handshake.ProtocolVersion;
import io.heliodor.transport.http.ConnectionPermits;
import io.heliodor.transport.http.HttpConnection;
import io.heliodor.transport.http.RequestBody;
import io.heliodor.wire.Serializer;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A request for a socket's {@code /longpoll}. Only the loop of its connection uses it.
 *
 * @param <S> the type of the connection's assigns
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends the connection, which is noticed there
public final class PollRequest<S> {
    private static final byte[] NOTHING = {};

    private final LongPoll longPoll;
    private final PollSessions sessions;
    private final Admission admission;
    private final HttpConnection http;
    private final Mount<S> mount;
    private final HttpRequest request;
    private final Map<String, List<String>> params;

    /** Whether the connection may be used again, which requires that the body was read. */
    private boolean keepAlive;

    /** The whole body, if the connection ended while the owner was requested. */
    private @Nullable RequestBody arrived;

    /**
     * A request with a valid head.
     *
     * @param longPoll the sessions
     * @param admission the checks that all transports share
     * @param http the connection
     * @param mount the requested socket
     * @param request the request
     * @param params the parameters of its query
     */
    public PollRequest(
            LongPoll longPoll,
            Admission admission,
            HttpConnection http,
            Mount<S> mount,
            HttpRequest request,
            Map<String, List<String>> params) {
        this.longPoll = longPoll;
        this.sessions = longPoll.sessions();
        this.admission = admission;
        this.http = http;
        this.mount = mount;
        this.request = request;
        this.params = params;
        this.keepAlive = HttpUtil.isKeepAlive(request) && !HttpConnection.hasBody(request);
    }

    public void begin() {
        HttpMethod method = request.method();
        if (!admission.originAllowed(mount, http.client(), request.headers())) {
            refuse(Counter.REFUSED_ORIGIN, 403);
        } else if (method.equals(HttpMethod.GET)) {
            poll();
        } else if (method.equals(HttpMethod.POST)) {
            post();
        } else if (method.equals(HttpMethod.OPTIONS)) {
            http.respond(options(), keepAlive);
        } else {
            http.refuse(Counter.REFUSED_REQUEST, 400, "");
        }
    }

    /** The token, from the header or else the last parameter: clients append theirs. */
    private @Nullable String token() {
        String header = request.headers().get("X-Phoenix-Longpoll-Token");
        List<String> values = params.get("token");
        return header != null ? header : values == null ? null : values.getLast();
    }

    private void poll() {
        Optional<PollConnection> session = sessions.find(token(), mount.path());
        Optional<String> owner = longPoll.forwarder().owner(token());
        if (session.isPresent()) {
            http.holdRequest(hold -> session.get().poll(received(hold)));
        } else if (owner.isPresent()) {
            http.holdRequest(hold -> longPoll.forwarder().poll(owner.get(), session(), received(hold)));
        } else {
            connect();
        }
    }

    private ReceivedPoll received(ConnectionPermits.Permit hold) {
        return new ReceivedPoll(http, Objects.requireNonNull(token()), keepAlive, hold, this::connect);
    }

    private void post() {
        Optional<PollConnection> session = sessions.find(token(), mount.path());
        Optional<String> owner = longPoll.forwarder().owner(token());
        if (session.isPresent()) {
            readBody(
                    session.get()::bodyArrives,
                    (messages, then) -> session.get().post(new PollSend(messages, then)));
        } else if (owner.isPresent()) {
            findOwner(owner.get());
        } else {
            answer(PollJson.status(410));
        }
    }

    /** Requests the session from its owner before the body is read: without one the server must not hold a byte of it. */
    private void findOwner(String owner) {
        http.readAtEnd(request, body(() -> {}, whole -> arrived = whole));
        http.holdRequest(hold -> longPoll.forwarder()
                .find(
                        owner,
                        session(),
                        found -> http.onLoop(() -> {
                            try {
                                ownerAnswered(owner, found, hold);
                            } catch (Throwable e) {
                                hold.release();
                                throw e;
                            }
                        })));
    }

    private void ownerAnswered(String owner, boolean found, ConnectionPermits.Permit hold) {
        // The connection may be closed, and its end come with a later task of the loop.
        http.cancelReadAtEnd();
        RequestBody whole = arrived;
        arrived = null;
        Delivery delivery = (messages, then) -> forward(owner, messages, then);
        if (found && whole != null) {
            whole.finish(body -> post(delivery, body, hold));
            return;
        }
        hold.release();
        if (found) {
            readBody(longPoll.forwarder().bodyParts(owner, session()), delivery);
            return;
        }
        if (whole != null) {
            whole.release();
        }
        answer(PollJson.status(410));
    }

    /** The session that the token names. */
    private PollWire.Session session() {
        return new PollWire.Session(Objects.requireNonNull(token()), mount.path());
    }

    // A new session.

    private void connect() {
        if (!http.channel().isActive()) {
            // The client disconnected while its poll was on the way to another endpoint, and the head counts no more.
            return;
        }
        if (refuseIfUnavailable()) {
            return;
        }
        if (http.hub().memory().tight()) {
            http.refuse(Counter.REFUSED_OVERLOADED, 503, "overloaded");
            return;
        }
        Optional<Serializer> serializer = ProtocolVersion.textOnly(params);
        if (serializer.isEmpty()) {
            admission.logUnknownVersion(mount, params);
            refuse(Counter.REFUSED_VERSION, 403);
            return;
        }
        // As an HTTP status: phoenix.js does not support it in a body.
        Optional<ConnectionPermits.Permit> permit = http.acquireConnectionPermit();
        if (permit.isEmpty()) {
            return;
        }
        ConnectRequest connect = new ConnectRequest(
                mount.path() + "/longpoll",
                usersParams(),
                request.headers(),
                Optional.ofNullable(request.headers().get("X-Phoenix-AuthToken")),
                http.client(),
                http.tls(),
                Socket.Transport.LONG_POLL);
        admission.connect(
                http, mount, connect, serializer.get(), (client, outcome) -> connected(permit.get(), client, outcome));
    }

    /** Refuses a new session during a drain or over the limit, by an HTTP status: phoenix.js supports none in a body. */
    private boolean refuseIfUnavailable() {
        if (http.hub().draining() || sessions.isFull(http.client().address())) {
            http.refuse(Counter.REFUSED_REQUEST, 503, "");
            return true;
        }
        return false;
    }

    /** Removes tokens of former sessions, which could hide a user's parameter of the same name. In place: a copy is large. */
    private Map<String, List<String>> usersParams() {
        List<String> tokens = params.getOrDefault("token", List.of());
        if (!tokens.isEmpty()) {
            params.put(
                    "token",
                    tokens.stream().filter(each -> !PollSessions.isToken(each)).toList());
        }
        return params;
    }

    private void connected(
            ConnectionPermits.Permit permit, ConnectingClient client, Optional<ConnectOutcome<? extends S>> outcome) {
        boolean opened = false;
        try {
            if (outcome.isEmpty()) {
                refuse(Counter.REFUSED_CONNECT, 500);
                return;
            }
            switch (outcome.get()) {
                case ConnectOutcome.Refused<? extends S> refused -> refuse(Counter.REFUSED_CONNECT, 403);
                case ConnectOutcome.Accepted<? extends S> accepted -> {
                    if (http.channel().isActive() && !refuseIfUnavailable()) {
                        open(permit, client, accepted);
                        opened = true;
                    }
                }
            }
        } finally {
            if (!opened) {
                permit.release();
            }
        }
    }

    private void open(
            ConnectionPermits.Permit permit, ConnectingClient client, ConnectOutcome.Accepted<? extends S> accepted) {
        Hub hub = http.hub();
        PollConnection session = sessions.add(
                http.client().address(),
                token -> new PollConnection(
                        sessions,
                        token,
                        permit,
                        mount.path(),
                        http.lane(),
                        http.channel().eventLoop(),
                        hub.counters(),
                        (int) Math.min(hub.limits().memory().effectiveConnectionBytes(), Integer.MAX_VALUE),
                        connection -> client.session(connection, mount, accepted)));
        session.open();
        answer(PollJson.poll(410, session.token(), List.of()));
    }

    // Posts.

    /** Delivers the messages of a body, and then reports the status. */
    private interface Delivery {
        void deliver(List<PollBody.Message> messages, IntConsumer then);
    }

    private void forward(String owner, List<PollBody.Message> messages, IntConsumer then) {
        if (PollForwarder.canForward(messages)) {
            longPoll.forwarder().post(owner, session(), messages, then);
        } else {
            then.accept(400);
        }
    }

    private void readBody(Runnable onPart, Delivery delivery) {
        PollLimits limits = sessions.limits();
        if (HttpUtil.getContentLength(request, 0L) > limits.bodyBytes()) {
            http.refuse(Counter.REFUSED_REQUEST, 400, "the body has more than " + limits.bodyBytes() + " bytes");
            return;
        }
        http.read(request, body(onPart, whole -> post(delivery, whole)), limits.body());
    }

    private RequestBody body(Runnable onPart, Consumer<RequestBody> onComplete) {
        return new RequestBody(sessions.limits().bodyBytes(), http.hub().memory(), onPart, onComplete);
    }

    private void post(Delivery delivery, RequestBody body) {
        http.holdRequest(hold -> post(delivery, body, hold));
    }

    /** Delivers the messages of a body, and then releases the permit that holds the request. */
    private void post(Delivery delivery, RequestBody body, ConnectionPermits.Permit hold) {
        // The gate does not detect the end of chunks, so no request may follow them.
        keepAlive = HttpUtil.isKeepAlive(request) && !HttpUtil.isTransferEncodingChunked(request);
        int maxBytes = http.hub().sessionLimits().maxMessageBytes();
        switch (PollBody.read(request.headers().get(HttpHeaderNames.CONTENT_TYPE), body.take(), maxBytes)) {
            case PollBody.Messages(var messages) ->
                delivery.deliver(messages, status -> {
                    body.release();
                    hold.release();
                    posted(status);
                });
            case PollBody.Refused(var why) -> {
                body.release();
                hold.release();
                http.refuse(Counter.REFUSED_REQUEST, 400, why);
            }
        }
    }

    /** Responds to a post. Any thread may call it. */
    private void posted(int status) {
        switch (status) {
            case 400 ->
                http.onLoop(() -> http.refuse(
                        Counter.REFUSED_REQUEST, 400, "a message is too large for the way to the node of its session"));
            case 503 -> http.onLoop(() -> http.refuse(Counter.REFUSED_OVERLOADED, 503, "overloaded"));
            default -> answer(PollJson.status(status));
        }
    }

    private void answer(byte[] json) {
        http.onLoop(() -> http.respondPaced(response(json), keepAlive));
    }

    private void refuse(Counter why, int status) {
        http.countRefusal(why, status);
        answer(PollJson.status(status));
    }

    static FullHttpResponse response(byte[] body) {
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.wrappedBuffer(body));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "application/json; charset=utf-8")
                .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        return response;
    }

    private FullHttpResponse options() {
        FullHttpResponse response = response(NOTHING);
        response.headers()
                .remove(HttpHeaderNames.CONTENT_TYPE)
                .set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_METHODS, "get, post, options")
                .set(HttpHeaderNames.ACCESS_CONTROL_MAX_AGE, "3600");
        String asked = request.headers().get(HttpHeaderNames.ACCESS_CONTROL_REQUEST_HEADERS);
        if (asked != null) {
            response.headers().set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, asked);
        }
        return response;
    }
}
