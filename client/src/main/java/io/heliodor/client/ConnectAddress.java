package io.heliodor.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URLEncoder;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The address and the subprotocols of a connection. */
final class ConnectAddress {
    private static final String WEBSOCKET = "/websocket";
    private static final String TOKEN = "base64url.bearer.phx.";

    private ConnectAddress() {}

    /** The address of the WebSocket below that of a socket. */
    static URI websocket(URI socket, Map<String, String> params) {
        String scheme = socket.getScheme() == null
                ? ""
                : socket.getScheme().toLowerCase(Locale.ROOT).replace("http", "ws");
        if (!scheme.matches("wss?") || socket.getHost() == null) {
            throw new IllegalArgumentException("'" + socket
                    + "' is not the address of a socket; write one as wss://live.example.com/socket, with ws, wss, http or"
                    + " https.");
        }
        String path = socket.getRawPath().replaceAll("/+$", "");
        StringBuilder query = new StringBuilder(socket.getRawQuery() == null ? "" : socket.getRawQuery() + "&");
        params.forEach((name, value) -> query.append(URLEncoder.encode(name, UTF_8))
                .append('=')
                .append(URLEncoder.encode(value, UTF_8))
                .append('&'));
        return URI.create(scheme + "://" + socket.getRawAuthority() + path
                + (path.endsWith(WEBSOCKET) ? "" : WEBSOCKET)
                + "?" + query + "vsn=2.0.0");
    }

    /** The subprotocols with a token, which phoenix.js writes in the same way. */
    static List<String> subprotocols(@Nullable String token) {
        if (token == null) {
            return List.of();
        }
        String base64 = Base64.getEncoder().withoutPadding().encodeToString(token.getBytes(UTF_8));
        // A slash is not valid in a subprotocol. Heliodor accepts both alphabets, Phoenix only the one with a slash.
        return List.of(
                "phoenix",
                TOKEN + (base64.contains("/") ? base64.replace('/', '_').replace('+', '-') : base64));
    }
}
