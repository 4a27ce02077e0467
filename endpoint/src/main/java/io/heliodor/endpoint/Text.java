package io.heliodor.endpoint;

import io.heliodor.type.text.ControlCharacters;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The response to a request for a computed text.
 *
 * @param status its HTTP status, 200 to 599
 * @param type its media type, such as {@code text/plain; charset=utf-8}; it is sent in UTF-8
 * @param text the body
 * @param headers further headers, by their names. {@code Cache-Control} is {@code no-cache} unless it is among them. Those that frame
 *     the response, such as {@code Content-Length}, are set by the server alone
 */
public record Text(int status, String type, String text, Map<String, String> headers) {
    private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Pattern VALUE = Pattern.compile("[\\t\\x20-\\x7e\\x80-\\xff]*");

    /** A response with another length would end within the next one of its connection. */
    private static final Set<String> FRAMING = Set.of(
            "connection", "content-length", "content-type", "keep-alive", "trailer", "transfer-encoding", "upgrade");

    /**
     * Copies the headers.
     *
     * @throws IllegalArgumentException if the status is not 200 to 599, or a header is not one of HTTP, is there twice, or is for the
     *     server to set
     */
    public Text {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(text, "text");
        headers = Map.copyOf(Objects.requireNonNull(headers, "headers"));
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException("The status of a text is 200 to 599, not " + status + ".");
        }
        Set<String> names = new HashSet<>();
        headers.forEach((name, value) -> check(name, value, names));
    }

    private static void check(String name, String value, Set<String> names) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (!NAME.matcher(name).matches() || !VALUE.matcher(value).matches()) {
            throw new IllegalArgumentException("The header \"" + ControlCharacters.escaped(name) + ": "
                    + ControlCharacters.escaped(value) + "\" has a character that HTTP does not allow.");
        }
        if (FRAMING.contains(lower)) {
            throw new IllegalArgumentException("The server sets the header " + name + " of a text itself.");
        }
        if (!names.add(lower)) {
            throw new IllegalArgumentException("The header " + name + " is there twice.");
        }
    }

    /**
     * A response with status 200 and no further headers.
     *
     * @param type its media type
     * @param text the body
     */
    public Text(String type, String text) {
        this(200, type, text, Map.of());
    }
}
