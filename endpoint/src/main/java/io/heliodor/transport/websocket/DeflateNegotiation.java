package io.heliodor.transport.websocket;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The negotiation of permessage-deflate (RFC 7692) by {@code Sec-WebSocket-Extensions}. The server accepts it only without
 * context takeover on both sides.
 */
final class DeflateNegotiation {
    private static final String NAME = "permessage-deflate";
    private static final String SERVER_ALONE = "server_no_context_takeover";
    private static final String CLIENT_ALONE = "client_no_context_takeover";
    private static final String SERVER_WINDOW = "server_max_window_bits";
    private static final String CLIENT_WINDOW = "client_max_window_bits";

    private static final String ACCEPTED = NAME + "; " + SERVER_ALONE + "; " + CLIENT_ALONE;

    /** The only window size of the JDK's deflater. */
    private static final String WINDOW = "15";

    private static final Pattern WINDOWS = Pattern.compile("[89]|1[0-5]");

    private DeflateNegotiation() {}

    /** The response to the first acceptable offer in the values of the header. */
    static Optional<String> accept(List<String> headers) {
        return split(String.join(",", headers), ',').stream()
                .flatMap(offer -> answer(offer).stream())
                .findFirst();
    }

    private static Optional<String> answer(String offer) {
        List<String> parts = split(offer, ';');
        if (!parts.getFirst().equals(NAME)) {
            return Optional.empty();
        }
        Set<String> names = new HashSet<>();
        for (String param : parts.subList(1, parts.size())) {
            int equals = param.indexOf('=');
            String name = equals < 0 ? param : param.substring(0, equals).trim();
            Optional<String> value = equals < 0
                    ? Optional.empty()
                    : Optional.of(unquoted(param.substring(equals + 1).trim()));
            if (!names.add(name) || !isAcceptable(name, value)) {
                return Optional.empty();
            }
        }
        // A client that limits the server's window needs a confirmation.
        return Optional.of(names.contains(SERVER_WINDOW) ? ACCEPTED + "; " + SERVER_WINDOW + "=" + WINDOW : ACCEPTED);
    }

    private static boolean isAcceptable(String name, Optional<String> value) {
        return switch (name) {
            case SERVER_ALONE, CLIENT_ALONE -> value.isEmpty();
            case SERVER_WINDOW -> value.filter(WINDOW::equals).isPresent();
            // The largest window decodes any, so the client's choice needs no response.
            case CLIENT_WINDOW ->
                value.isEmpty() || WINDOWS.matcher(value.get()).matches();
            default -> false;
        };
    }

    /** The trimmed parts between separators outside of quotes. */
    private static List<String> split(String text, char separator) {
        List<String> parts = new ArrayList<>();
        boolean quoted = false;
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            char next = text.charAt(i);
            if (next == '"') {
                quoted = !quoted;
            } else if (next == '\\' && quoted) {
                i++;
            } else if (next == separator && !quoted) {
                parts.add(text.substring(from, i).trim());
                from = i + 1;
            }
        }
        parts.add(text.substring(from).trim());
        return parts;
    }

    private static String unquoted(String value) {
        boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1).replaceAll("\\\\(.)", "$1") : value;
    }
}
