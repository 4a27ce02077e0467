package io.heliodor.transport.websocket;

import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.Socket;
import io.heliodor.session.Session;
import io.heliodor.session.lane.Connection;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.transport.frame.Compression;
import io.heliodor.transport.handshake.Admission;
import io.heliodor.transport.handshake.ConnectRequest;
import io.heliodor.transport.handshake.ConnectingClient;
import io.heliodor.transport.handshake.Mount;
import io.heliodor.transport.handshake.ProtocolVersion;
import io.heliodor.transport.http.ConnectionPermits;
import io.heliodor.transport.http.HttpConnection;
import io.heliodor.transport.io.NettyLoop;
import io.heliodor.wire.Serializer;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A request to open a WebSocket. It is checked in the order of Phoenix: origin, token, version, the connect handler, and then
 * the headers of the upgrade.
 *
 * @param admission the checks that all transports share
 * @param http the connection
 * @param mount the requested socket
 * @param request the request
 * @param params the parameters of its query
 * @param <S> the type of the connection's assigns
 */
public record UpgradeRequest<S>(
        Admission admission,
        HttpConnection http,
        Mount<S> mount,
        HttpRequest request,
        Map<String, List<String>> params) {
    public void begin() {
        if (!request.method().equals(HttpMethod.GET) || HttpConnection.hasBody(request)) {
            http.refuse(Counter.REFUSED_REQUEST, 400, "");
            return;
        }
        if (http.hub().draining()) {
            http.refuse(Counter.REFUSED_REQUEST, 503, "draining");
            return;
        }
        if (http.hub().memory().tight()) {
            http.refuse(Counter.REFUSED_OVERLOADED, 503, "overloaded");
            return;
        }
        HttpHeaders headers = request.headers();
        if (!admission.originAllowed(mount, http.client(), headers)) {
            http.refuse(Counter.REFUSED_ORIGIN, 403, "");
            return;
        }
        Subprotocols offered = Subprotocols.parse(headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL));
        if (!offered.valid()) {
            http.refuse(Counter.REFUSED_REQUEST, 403, "");
            return;
        }
        Optional<Serializer> serializer =
                ProtocolVersion.serializer(params, mount.socket().supabase());
        if (serializer.isEmpty()) {
            admission.logUnknownVersion(mount, params);
            http.refuse(Counter.REFUSED_VERSION, 403, "");
            return;
        }
        Optional<ConnectionPermits.Permit> permit = http.acquireConnectionPermit();
        if (permit.isEmpty()) {
            return;
        }
        ConnectRequest connect = new ConnectRequest(
                mount.path() + "/websocket",
                params,
                headers,
                offered.token(),
                http.client(),
                http.tls(),
                Socket.Transport.WEBSOCKET);
        admission.connect(http, mount, connect, serializer.get(), (client, outcome) -> {
            try {
                respond(offered, client, permit.get(), outcome);
            } finally {
                // A WebSocket holds it until the messages of its client are handled.
                if (http.channel().pipeline().get(WebSocketConnection.class) == null) {
                    permit.get().release();
                }
            }
        });
    }

    private void respond(
            Subprotocols offered,
            ConnectingClient client,
            ConnectionPermits.Permit permit,
            Optional<ConnectOutcome<? extends S>> outcome) {
        switch (outcome.orElse(Connect.refuse(500))) {
            case ConnectOutcome.Refused<? extends S> refused
            when mount.socket().refusesAfterUpgrade() -> {
                http.hub().counters().increment(Counter.REFUSED_CONNECT);
                upgrade(offered, permit, connection -> client.refused(connection, refused));
            }
            case ConnectOutcome.Refused<? extends S>(int status, var retryAfter, var text, var _) ->
                http.refuse(Counter.REFUSED_CONNECT, status, text, retryAfter);
            case ConnectOutcome.Accepted<? extends S> accepted ->
                upgrade(offered, permit, connection -> client.session(connection, mount, accepted));
        }
    }

    private void upgrade(
            Subprotocols offered, ConnectionPermits.Permit permit, Function<Connection, Session<?>> session) {
        Optional<Handshake.Refusal> refusal = Handshake.check(request);
        if (refusal.isPresent()) {
            http.refuse(
                    Counter.REFUSED_REQUEST,
                    refusal.get().status(),
                    refusal.get().text());
        } else if (http.hub().draining()) {
            // The drain began during this request and would miss a session that opens now.
            http.refuse(Counter.REFUSED_REQUEST, 503, "draining");
        } else if (http.channel().isActive()) {
            open(offered, permit, session);
        }
    }

    private void open(Subprotocols offered, ConnectionPermits.Permit permit, Function<Connection, Session<?>> session) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
        response.headers()
                .set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET)
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE)
                .set(
                        HttpHeaderNames.SEC_WEBSOCKET_ACCEPT,
                        Handshake.accept(request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_KEY)));
        offered.chosen()
                .ifPresent(protocol -> response.headers().set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, protocol));
        Optional<Compression> compression = ((NettyLoop) http.lane().loop()).compression();
        Optional<String> deflate = compression.flatMap(
                each -> DeflateNegotiation.accept(request.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS)));
        deflate.ifPresent(answer -> response.headers().set(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS, answer));
        WebSocketConnection socket = socket(deflate.isPresent() ? compression : Optional.empty(), permit, session);
        socket.open(http.upgradeTo(response, socket));
    }

    private WebSocketConnection socket(
            Optional<Compression> compression,
            ConnectionPermits.Permit permit,
            Function<Connection, Session<?>> session) {
        int maxBytes = http.hub().sessionLimits().maxMessageBytes();
        return http.tls().isPresent()
                ? new TlsWebSocketConnection(http.channel(), maxBytes, compression, permit, session)
                : new WebSocketConnection(http.channel(), maxBytes, compression, permit, session);
    }
}
