package io.heliodor.transport.handshake;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The origins of pages that may connect. A request without an {@code Origin} header does not come from a page, unless a
 * browser marks it as one of another site.
 *
 * <p>Without patterns, the origin must have the host and port to which the request was sent, and the same scheme if that is
 * known. A pattern has a scheme, a host and a port; a missing part matches any. {@code *.example.com} matches the host and
 * its subdomains, {@code *} alone every origin.
 */
public final class Origins {
    private static final String SCHEME = "[a-z][a-z0-9+.-]*";

    /** A host name, including characters that only machine names use, or an address. */
    private static final String HOST = "(?:[a-z0-9_.-]+|\\[[0-9a-f:.]+])";

    private static final String PORT = "(?::([0-9]{1,5}))?";
    private static final int MAX_PORT = 65_535;
    private static final int ANY_PORT = -1;

    private final List<Allowed> allowed;
    private final Set<Integer> ports;

    private Origins(List<Allowed> allowed, Set<Integer> ports) {
        this.allowed = allowed;
        this.ports = ports;
    }

    /**
     * Parses patterns.
     *
     * @param patterns the patterns; empty for the request's own host and port
     * @return the rule
     * @throws IllegalArgumentException if one is not a pattern
     */
    public static Origins of(List<String> patterns) {
        return of(patterns, Set.of());
    }

    /**
     * Parses patterns.
     *
     * @param patterns the patterns; empty for the request's own host and port
     * @param ports further ports of pages on the host of the request
     * @return the rule
     * @throws IllegalArgumentException if one is not a pattern
     */
    public static Origins of(List<String> patterns, Set<Integer> ports) {
        return new Origins(patterns.stream().map(Allowed::parse).toList(), Set.copyOf(ports));
    }

    /**
     * Whether a page of an origin may connect to a host, with the scheme of the request if that is known. Origin and host are
     * values of headers.
     */
    boolean allows(String origin, String host, Optional<String> scheme) {
        if (allowsAll()) {
            return true;
        }
        Parts page = Parts.parse(origin);
        if (page == null) {
            return false;
        }
        return samePort(page, host)
                || (allowed.isEmpty()
                        ? sameHost(page, host, scheme)
                        : allowed.stream().anyMatch(rule -> rule.matches(page)));
    }

    /** Whether every page may connect. */
    boolean allowsAll() {
        return allowed.contains(Allowed.ALL);
    }

    /** Whether the page comes from one of the further ports of the host. */
    private boolean samePort(Parts page, String host) {
        if (!ports.contains(page.port)) {
            return false;
        }
        Parts asked = Parts.parse(page.scheme + "://" + host);
        return asked != null && asked.host.equals(page.host);
    }

    private static boolean sameHost(Parts page, String host, Optional<String> scheme) {
        Parts asked = Parts.parse(scheme.orElse(page.scheme) + "://" + host);
        return page.equals(asked);
    }

    /** An origin as browsers write it: scheme, host and port. */
    private record Parts(String scheme, String host, int port) {
        private static final Pattern ORIGIN = Pattern.compile("(" + SCHEME + ")://(" + HOST + ")" + PORT);

        static @Nullable Parts parse(String origin) {
            Matcher parts = ORIGIN.matcher(origin.toLowerCase(Locale.ROOT));
            if (!parts.matches()) {
                return null;
            }
            String scheme = parts.group(1);
            int port = parts.group(3) == null ? defaultPort(scheme) : Integer.parseInt(parts.group(3));
            return new Parts(scheme, parts.group(2), port);
        }

        private static int defaultPort(String scheme) {
            return switch (scheme) {
                case "https", "wss" -> 443;
                case "http", "ws" -> 80;
                default -> ANY_PORT;
            };
        }
    }

    /** One pattern; null and {@link #ANY_PORT} match any. */
    private record Allowed(
            @Nullable String scheme, @Nullable String host, int port) {
        private static final Pattern RULE =
                Pattern.compile("(?:(?:(" + SCHEME + "):)?//)?((?:\\*\\.)?" + HOST + ")?" + PORT);
        private static final Allowed ALL = new Allowed(null, null, ANY_PORT);

        static Allowed parse(String text) {
            if (text.equals("*")) {
                return ALL;
            }
            String lower = text.toLowerCase(Locale.ROOT);
            if (lower.startsWith("ws://") || lower.startsWith("wss://")) {
                throw new IllegalArgumentException(
                        "'" + text + "' is the address of a socket, not the origin of a page, so"
                                + " no page would match; write http" + text.substring(2) + ".");
            }
            if (lower.endsWith(":*")) {
                throw new IllegalArgumentException("'" + text + "' has a * for the port; write "
                        + text.substring(0, text.length() - 2) + ", without a port, which matches each.");
            }
            if (lower.matches("[^/]*//[^/]+/+")) {
                throw new IllegalArgumentException("'" + text + "' has a slash at its end, which no origin has; write "
                        + text.replaceFirst("/+$", "") + ".");
            }
            Matcher parts = RULE.matcher(lower);
            int port = parts.matches() && parts.group(3) != null ? Integer.parseInt(parts.group(3)) : ANY_PORT;
            if (!parts.matches() || port > MAX_PORT || (parts.group(1) == null && parts.group(2) == null)) {
                throw new IllegalArgumentException(
                        "'" + text
                                + "' is not an origin; write https://app.example.com, //app.example.com:8443, *.example.com or *.");
            }
            return new Allowed(parts.group(1), parts.group(2), port);
        }

        boolean matches(Parts page) {
            return (scheme == null || scheme.equals(page.scheme))
                    && (host == null || matchesHost(host, page.host))
                    && (port == ANY_PORT || port == page.port);
        }

        private static boolean matchesHost(String rule, String host) {
            return rule.startsWith("*.")
                    ? host.equals(rule.substring(2)) || host.endsWith(rule.substring(1))
                    : host.equals(rule);
        }
    }
}
