package io.heliodor.transport;

import io.heliodor.channel.ConnectOutcome;
import io.heliodor.session.Acceptance;
import io.heliodor.session.Count;
import io.heliodor.session.Hub;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request for a socket's {@code /longpoll}. On the loop of its connection, but for what a session says to it.
 *
 * @param <S> the type of the connection's assigns
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends the connection, which is noticed there
final class PollRequest<S> {
    private static final byte[] NOTHING = {};

    private final Server server;
    private final PollSessions sessions;
    private final HttpConnection http;
    private final Mount<S> mount;
    private final HttpRequest request;
    private final Map<String, List<String>> params;
    private final Admission<S> admission;

    /** Whether the connection may be used again: what came behind the head must have been read. */
    private boolean keepAlive;

    /**
     * A request with a good head.
     *
     * @param server whom it asks for its settings
     * @param http the connection
     * @param mount the socket that was asked for
     * @param request the request
     * @param params the parameters of its query
     */
    PollRequest(
            Server server, HttpConnection http, Mount<S> mount, HttpRequest request, Map<String, List<String>> params) {
        this.server = server;
        this.sessions = server.polls();
        this.http = http;
        this.mount = mount;
        this.request = request;
        this.params = params;
        this.admission = new Admission<>(server, mount, http.client(), request.headers());
        this.keepAlive = HttpUtil.isKeepAlive(request) && !HttpConnection.hasBody(request);
    }

    void begin() {
        HttpMethod method = request.method();
        if (!admission.originAllowed()) {
            refuse(Count.REFUSED_ORIGIN, 403);
        } else if (method.equals(HttpMethod.GET)) {
            sessions.find(token(), mount).ifPresentOrElse(session -> session.poll(this), this::connect);
        } else if (method.equals(HttpMethod.POST)) {
            sessions.find(token(), mount).ifPresentOrElse(this::readBody, () -> answer(PollJson.status(410)));
        } else if (method.equals(HttpMethod.OPTIONS)) {
            http.respond(options(), keepAlive);
        } else {
            http.refuse(Count.REFUSED_REQUEST, 400, "");
        }
    }

    /** The header comes first; of several parameters the last, since clients append theirs. */
    private @Nullable String token() {
        String header = request.headers().get("X-Phoenix-Longpoll-Token");
        List<String> values = params.get("token");
        return header != null ? header : values == null ? null : values.getLast();
    }

    // A new session.

    private void connect() {
        if (unavailable()) {
            return;
        }
        if (server.settings().hub().memory().tight()) {
            http.refuse(Count.REFUSED_OVERLOADED, 503, "overloaded");
            return;
        }
        Optional<Serializer> serializer = Version.textOnly(params);
        if (serializer.isEmpty()) {
            admission.versionUnknown(params);
            refuse(Count.REFUSED_VERSION, 403);
            return;
        }
        // A real status: phoenix.js knows no such one in a body.
        Optional<ConnectionLimits.Place> place = http.connection();
        if (place.isEmpty()) {
            return;
        }
        ConnectRequest connect = new ConnectRequest(
                usersParams(),
                request.headers(),
                Optional.ofNullable(request.headers().get("X-Phoenix-AuthToken")),
                http.client().address().getHostAddress());
        Optional<String> correlation = RequestId.of(request.headers());
        Acceptance acceptance = server.settings().hub().accept();
        HttpConnection.onThread(() -> {
            Optional<ConnectOutcome<? extends S>> outcome = acceptance.call(() -> admission.ask(connect, correlation));
            http.onLoop(() -> connected(place.get(), serializer.get(), outcome, acceptance, correlation));
        });
    }

    /** No session begins in a drain or beyond the bound. A real status: phoenix.js knows no such one in a body. */
    private boolean unavailable() {
        if (server.draining() || sessions.full()) {
            http.refuse(Count.REFUSED_REQUEST, 503, "");
            return true;
        }
        return false;
    }

    /** The token of a session that is gone stands before no parameter of the same name that is the user's. */
    private Map<String, List<String>> usersParams() {
        List<String> tokens = params.getOrDefault("token", List.of()).stream()
                .filter(each -> !PollSessions.token(each))
                .toList();
        Map<String, List<String>> users = new HashMap<>(params);
        users.put("token", tokens);
        return users;
    }

    private void connected(
            ConnectionLimits.Place place,
            Serializer serializer,
            Optional<ConnectOutcome<? extends S>> outcome,
            Acceptance acceptance,
            Optional<String> correlation) {
        boolean opened = false;
        try {
            if (outcome.isEmpty()) {
                refuse(Count.REFUSED_CONNECT, 500);
                return;
            }
            switch (outcome.get()) {
                case ConnectOutcome.Refused<? extends S> refused -> refuse(Count.REFUSED_CONNECT, 403);
                case ConnectOutcome.Accepted<? extends S> accepted -> {
                    if (http.channel().isActive() && !unavailable()) {
                        open(place, serializer, accepted, acceptance, correlation);
                        opened = true;
                    }
                }
            }
        } finally {
            if (!opened) {
                place.leave();
            }
        }
    }

    private void open(
            ConnectionLimits.Place place,
            Serializer serializer,
            ConnectOutcome.Accepted<? extends S> accepted,
            Acceptance acceptance,
            Optional<String> correlation) {
        Hub hub = server.settings().hub();
        PollConnection session = sessions.add(token -> new PollConnection(
                sessions,
                token,
                place,
                mount.path(),
                http.lane(),
                http.channel().eventLoop(),
                hub.counts(),
                (int) Math.min(hub.limits().connectionBytes(), Integer.MAX_VALUE),
                connection -> hub.session(
                        http.lane(), connection, mount.routes(), serializer, accepted, acceptance, correlation)));
        session.open();
        answer(PollJson.poll(410, session.token(), List.of()));
    }

    // What a client says.

    private void readBody(PollConnection session) {
        PollLimits limits = sessions.limits();
        if (HttpUtil.getContentLength(request, 0L) > limits.bodyBytes()) {
            http.refuse(Count.REFUSED_REQUEST, 400, "the body has more than " + limits.bodyBytes() + " bytes");
            return;
        }
        RequestBody body =
                new RequestBody(limits.bodyBytes(), server.settings().hub().memory(), whole -> post(session, whole));
        http.read(request, body, limits.body());
    }

    private void post(PollConnection session, RequestBody body) {
        // The end of chunks is not looked for at the gate, so nothing may follow them.
        keepAlive = HttpUtil.isKeepAlive(request) && !HttpUtil.isTransferEncodingChunked(request);
        int most = server.settings().hub().limits().messageBytes();
        switch (PollBody.read(request.headers().get(HttpHeaderNames.CONTENT_TYPE), body.take(), most)) {
            case PollBody.Messages(var messages) ->
                session.post(new Post(messages, status -> {
                    body.release();
                    answer(PollJson.status(status));
                }));
            case PollBody.Refused(var why) -> {
                body.release();
                http.refuse(Count.REFUSED_REQUEST, 400, why);
            }
        }
    }

    // What a session says to it, on the session's loop.

    /** The session of its token has ended; the client gets another one. */
    void sessionGone() {
        http.onLoop(this::connect);
    }

    /** Tells when the client goes before it has its answer. */
    void whenGone(Runnable task) {
        http.onLoop(() -> http.park(task));
    }

    /** Sends the answer. */
    void answer(byte[] json) {
        answer(json, taken -> {});
    }

    /** Sends the answer, and tells whether the socket took it. */
    void answer(byte[] json, Consumer<Boolean> taken) {
        http.onLoop(() -> http.respond(response(json), keepAlive, http.stalled())
                .addListener(sent -> taken.accept(sent.isSuccess())));
    }

    private void refuse(Count why, int status) {
        http.refused(why, status);
        answer(PollJson.status(status));
    }

    private static FullHttpResponse response(byte[] body) {
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
