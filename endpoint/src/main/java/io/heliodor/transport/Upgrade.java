package io.heliodor.transport;

import io.heliodor.channel.ConnectOutcome;
import io.heliodor.session.Count;
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
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request to open a WebSocket, checked in the order that Phoenix has: origin, token, version, then the user's say,
 * then the headers of the upgrade.
 *
 * @param server whom it asks for its settings
 * @param http the connection
 * @param mount the socket that was asked for
 * @param request the request
 * @param params the parameters of its query
 * @param <S> the type of the connection's assigns
 */
record Upgrade<S>(
        Server server, HttpConnection http, Mount<S> mount, HttpRequest request, Map<String, List<String>> params) {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    /** What of a client's header or parameter goes into a line of the log. */
    private static final int MOST_PRINTED = 200;

    void begin() {
        if (!request.method().equals(HttpMethod.GET) || HttpConnection.hasBody(request)) {
            http.refuse(Count.REFUSED_REQUEST, 400, "");
            return;
        }
        if (server.draining()) {
            http.refuse(Count.REFUSED_REQUEST, 503, "draining");
            return;
        }
        HttpHeaders headers = request.headers();
        if (!originAllowed(headers)) {
            http.refuse(Count.REFUSED_ORIGIN, 403, "");
            return;
        }
        Subprotocols offered = Subprotocols.parse(headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL));
        if (!offered.valid()) {
            http.refuse(Count.REFUSED_REQUEST, 403, "");
            return;
        }
        Optional<Serializer> serializer =
                Version.serializer(params, mount.socket().supabase());
        if (serializer.isEmpty()) {
            LOG.warn(
                    "A client asked for version {} of the wire at {}; 1.0.0 and 2.0.0 are spoken here.",
                    printable(String.valueOf(params.getOrDefault("vsn", List.of()))),
                    mount.path());
            http.refuse(Count.REFUSED_VERSION, 403, "");
            return;
        }
        ConnectRequest connect = new ConnectRequest(
                params, headers, offered.token(), address(http.channel().remoteAddress()));
        HttpConnection.onThread(() -> {
            Optional<ConnectOutcome<? extends S>> outcome = ask(connect);
            http.onLoop(() -> answer(offered, serializer.get(), outcome));
        });
    }

    private boolean originAllowed(HttpHeaders headers) {
        String origin = headers.get(HttpHeaderNames.ORIGIN);
        String host = headers.get(HttpHeaderNames.HOST, "-");
        if (origin == null || server.settings().origins().allows(origin, host)) {
            return true;
        }
        LOG.warn(
                "A page of origin '{}' may not connect to {} at host '{}'; to allow it: .origins(\"{}\").",
                printable(origin),
                mount.path(),
                printable(host),
                printable(origin));
        return false;
    }

    private Optional<ConnectOutcome<? extends S>> ask(ConnectRequest connect) {
        try {
            ConnectOutcome<? extends S> outcome = mount.socket().connect().connect(connect);
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

    private void answer(Subprotocols offered, Serializer serializer, Optional<ConnectOutcome<? extends S>> outcome) {
        switch (outcome.orElse(new ConnectOutcome.Refused<>(500))) {
            case ConnectOutcome.Refused<? extends S>(int status) -> http.refuse(Count.REFUSED_CONNECT, status, "");
            case ConnectOutcome.Accepted<? extends S>(var assigns, var id) -> {
                Optional<Handshake.Refusal> refusal = Handshake.check(request);
                if (refusal.isPresent()) {
                    http.refuse(
                            Count.REFUSED_REQUEST,
                            refusal.get().status(),
                            refusal.get().text());
                } else if (server.draining()) {
                    // Since this request began; a session that opens now would miss the drain.
                    http.refuse(Count.REFUSED_REQUEST, 503, "draining");
                } else if (http.channel().isActive()) {
                    open(offered, serializer, assigns, id);
                }
            }
        }
    }

    private void open(Subprotocols offered, Serializer serializer, S assigns, Optional<String> id) {
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
                each -> Deflate.accept(request.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS)));
        deflate.ifPresent(answer -> response.headers().set(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS, answer));
        WebSocketConnection socket = new WebSocketConnection(
                http.channel(),
                server.settings().hub().counts(),
                server.settings().hub().limits().messageBytes(),
                deflate.isPresent() ? compression : Optional.empty(),
                connection -> server.settings()
                        .hub()
                        .session(http.lane(), connection, mount.routes(), serializer, assigns, id));
        http.become(response, socket);
    }

    private static String address(SocketAddress address) {
        return address instanceof InetSocketAddress inet ? inet.getAddress().getHostAddress() : String.valueOf(address);
    }

    private static String printable(String text) {
        String clean = text.replaceAll("[^ -~]", "?");
        return clean.length() <= MOST_PRINTED ? clean : clean.substring(0, MOST_PRINTED) + "...";
    }
}
