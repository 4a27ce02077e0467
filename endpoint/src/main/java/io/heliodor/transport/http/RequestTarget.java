package io.heliodor.transport.http;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The target of a request, in origin form or absolute form (RFC 9112, section 3.2).
 *
 * @param authority the authority of the absolute form, which then replaces the {@code Host} header
 * @param path the decoded path without empty segments, except for a slash at its end; an encoded slash in it is {@code
 *     %2f}
 * @param params the decoded parameters of its query
 */
record RequestTarget(Optional<String> authority, String path, Map<String, List<String>> params) {
    private static final int MAX_PARAMS = 1_024;

    private static final Pattern ABSOLUTE = Pattern.compile("https?://([^/?#]*)(.*)", Pattern.CASE_INSENSITIVE);
    private static final Pattern SLASHES = Pattern.compile("//+");
    private static final Pattern ENCODED_SLASH = Pattern.compile("%2f", Pattern.CASE_INSENSITIVE);

    /**
     * Parses a target.
     *
     * @throws IllegalArgumentException if its path or query cannot be decoded
     */
    static RequestTarget parse(String target) {
        if (!target.startsWith("/")) {
            Matcher absolute = ABSOLUTE.matcher(target);
            if (absolute.matches()) {
                String rest = absolute.group(2);
                return decode(Optional.of(absolute.group(1)), rest.startsWith("/") ? rest : "/" + rest);
            }
        }
        return decode(Optional.empty(), target);
    }

    private static RequestTarget decode(Optional<String> authority, String target) {
        QueryStringDecoder decoder =
                new QueryStringDecoder(segments(target), StandardCharsets.UTF_8, true, MAX_PARAMS, true);
        return new RequestTarget(authority, decoder.path(), decoder.parameters());
    }

    /** Drops empty segments. An encoded slash separates no segments, so it stays encoded. */
    private static String segments(String target) {
        int end = endOfPath(target);
        String path = target.substring(0, end);
        if (!path.contains("//") && path.indexOf('%') < 0) {
            return target;
        }
        String segments = SLASHES.matcher(path).replaceAll("/");
        return ENCODED_SLASH.matcher(segments).replaceAll("%252f") + target.substring(end);
    }

    private static int endOfPath(String target) {
        for (int i = 0; i < target.length(); i++) {
            if (target.charAt(i) == '?' || target.charAt(i) == '#') {
                return i;
            }
        }
        return target.length();
    }
}
