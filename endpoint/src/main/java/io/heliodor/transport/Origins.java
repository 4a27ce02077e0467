package io.heliodor.transport;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which pages may connect. A request without an {@code Origin} does not come from a page and is let through.
 *
 * <p>Without patterns: pages of the same host and port as the request was sent to. A pattern gives scheme, host and
 * port, each of which may be missing and matches anything then; {@code *.example.com} is the host itself and all its
 * subdomains; {@code *} alone lets every page connect.
 */
public final class Origins {
    private final List<Pattern> patterns;

    private Origins(List<Pattern> patterns) {
        this.patterns = patterns;
    }

    /**
     * Reads patterns.
     *
     * @param patterns none for the same host and port
     * @return the rule
     * @throws IllegalArgumentException if one is no pattern
     */
    public static Origins of(List<String> patterns) {
        return new Origins(patterns.stream().map(Pattern::parse).toList());
    }

    /** Whether a page of an origin may connect to a host, both as the headers give them. */
    boolean allows(String origin, @Nullable String host) {
        Parts page = Parts.parse(origin);
        if (page == null) {
            return patterns.stream().anyMatch(Pattern::any);
        }
        if (patterns.isEmpty()) {
            return host != null && sameHost(page, host);
        }
        return patterns.stream().anyMatch(pattern -> pattern.matches(page));
    }

    private static boolean sameHost(Parts page, String host) {
        Parts asked = Parts.parse(page.scheme + "://" + host);
        return asked != null && page.host.equals(asked.host) && page.port == asked.port;
    }

    private record Parts(String scheme, String host, int port) {
        static @Nullable Parts parse(String origin) {
            try {
                URI uri = new URI(origin);
                if (uri.getScheme() == null || uri.getHost() == null) {
                    return null;
                }
                String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
                int port = uri.getPort() >= 0 ? uri.getPort() : defaultPort(scheme);
                return new Parts(scheme, uri.getHost().toLowerCase(Locale.ROOT), port);
            } catch (URISyntaxException e) {
                return null;
            }
        }

        private static int defaultPort(String scheme) {
            return switch (scheme) {
                case "https", "wss" -> 443;
                case "http", "ws" -> 80;
                default -> -1;
            };
        }
    }

    /** One allowed origin; what is null or negative matches anything. */
    private record Pattern(boolean any, @Nullable String scheme, @Nullable String host, int port) {
        static Pattern parse(String text) {
            if (text.equals("*")) {
                return new Pattern(true, null, null, -1);
            }
            int colons = text.indexOf("//");
            String scheme = colons > 0 ? text.substring(0, colons).replace(":", "") : null;
            String rest = colons >= 0 ? text.substring(colons + 2) : text;
            int port = -1;
            int colon = rest.lastIndexOf(':');
            if (colon >= 0 && !rest.endsWith("]")) {
                try {
                    port = Integer.parseInt(rest.substring(colon + 1));
                } catch (NumberFormatException e) {
                    throw wrong(text);
                }
                rest = rest.substring(0, colon);
            }
            if (rest.contains("/") || rest.indexOf('*', 1) > 0 || (rest.startsWith("*") && !rest.startsWith("*."))) {
                throw wrong(text);
            }
            return new Pattern(
                    false,
                    scheme == null ? null : scheme.toLowerCase(Locale.ROOT),
                    rest.isEmpty() ? null : rest.toLowerCase(Locale.ROOT),
                    port);
        }

        private static IllegalArgumentException wrong(String text) {
            return new IllegalArgumentException("'" + text
                    + "' is no origin; write https://app.example.com, //app.example.com:8443, *.example.com or *.");
        }

        boolean matches(Parts page) {
            return any
                    || ((scheme == null || scheme.equals(page.scheme))
                            && (host == null || matchesHost(host, page.host))
                            && (port < 0 || port == page.port));
        }

        private static boolean matchesHost(String pattern, String host) {
            return pattern.startsWith("*.")
                    ? host.equals(pattern.substring(2)) || host.endsWith(pattern.substring(1))
                    : host.equals(pattern);
        }
    }
}
