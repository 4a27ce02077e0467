package io.heliodor.transport.websocket;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The values of {@code Sec-WebSocket-Protocol}: the accepted protocol, and the token that phoenix.js adds to them.
 *
 * @param chosen the protocol for the response, if there is one
 * @param token the decoded token, if there is one
 * @param valid whether the token could be decoded
 */
record Subprotocols(Optional<String> chosen, Optional<String> token, boolean valid) {
    private static final String PHOENIX = "phoenix";
    private static final String TOKEN = "base64url.bearer.phx.";

    /** Parses the values of the header. */
    static Subprotocols parse(List<String> headers) {
        List<String> tokens = new ArrayList<>();
        Optional<String> chosen = Optional.empty();
        for (String part : String.join(",", headers).split(",", -1)) {
            String offered = part.trim();
            if (offered.startsWith(TOKEN)) {
                tokens.add(offered.substring(TOKEN.length()));
            } else if (offered.equals(PHOENIX)) {
                chosen = Optional.of(PHOENIX);
            }
        }
        if (tokens.size() != 1) {
            return new Subprotocols(chosen, Optional.empty(), true);
        }
        try {
            // In spite of the name, clients use the standard alphabet; both are accepted.
            String base64 = tokens.getFirst().replace('+', '-').replace('/', '_');
            byte[] bytes = Base64.getUrlDecoder().decode(base64);
            return new Subprotocols(chosen, Optional.of(new String(bytes, StandardCharsets.UTF_8)), true);
        } catch (IllegalArgumentException e) {
            return new Subprotocols(chosen, Optional.empty(), false);
        }
    }
}
