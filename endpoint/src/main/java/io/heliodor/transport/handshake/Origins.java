package io.heliodor.transport.handshake;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which pages may connect. A request without an {@code Origin} does not come from a page and is let through.
 *
 * <p>Without patterns: pages of the same host and port as the request was sent to, and of the same scheme where that is
 * known. A pattern gives scheme, host and
 * port, each of which may be missing and matches anything then; {@code *.example.com} is the host itself and all its
 * subdomains; {@code *} alone lets every page connect.
 */
public final class Origins {
    private static final String SCHEME = "[a-z][a-z0-9+.-]*";

    /** A name, with what is no letter of a domain but is used in names of machines, or an address. */
    private static final String HOST = "(?:[a-z0-9_.-]+|\\[[0-9a-f:.]+])";

    private static final String PORT = "(?::([0-9]{1,5}))?";
    private static final int MAX_PORT = 65_535;
    private static final int ANY_PORT = -1;

    private final List<Allowed> allowed;

    private Origins(List<Allowed> allowed) {
        this.allowed = allowed;
    }

    /**
     * Reads patterns.
     *
     * @param patterns none for the same host and port
     * @return the rule
     * @throws IllegalArgumentException if one is no pattern
     */
    public static Origins of(List<String> patterns) {
        return new Origins(patterns.stream().map(Allowed::parse).toList());
    }

    /** Whether a page of an origin may connect to a host, both as the headers give them, whatever the scheme. */
    boolean allows(String origin, String host) {
        return allows(origin, host, Optional.empty());
    }

    /** The same where it may be known whether the client asked over http or https. */
    boolean allows(String origin, String host, Optional<String> scheme) {
        if (allowed.contains(Allowed.ALL)) {
            return true;
        }
        Parts page = Parts.parse(origin);
        if (page == null) {
            return false;
        }
        return allowed.isEmpty()
                ? sameHost(page, host, scheme)
                : allowed.stream().anyMatch(rule -> rule.matches(page));
    }

    private static boolean sameHost(Parts page, String host, Optional<String> scheme) {
        Parts asked = Parts.parse(scheme.orElse(page.scheme) + "://" + host);
        return page.equals(asked);
    }

    /** A page's origin as browsers write it: nothing but scheme, host and port. */
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

    /** One rule; what is null or {@link #ANY_PORT} matches anything. */
    private record Allowed(
            @Nullable String scheme, @Nullable String host, int port) {
        private static final Pattern RULE =
                Pattern.compile("(?:(?:(" + SCHEME + "):)?//)?((?:\\*\\.)?" + HOST + ")?" + PORT);
        private static final Allowed ALL = new Allowed(null, null, ANY_PORT);

        static Allowed parse(String text) {
            if (text.equals("*")) {
                return ALL;
            }
            Matcher parts = RULE.matcher(text.toLowerCase(Locale.ROOT));
            int port = parts.matches() && parts.group(3) != null ? Integer.parseInt(parts.group(3)) : ANY_PORT;
            if (!parts.matches() || port > MAX_PORT || (parts.group(1) == null && parts.group(2) == null)) {
                throw new IllegalArgumentException("'" + text
                        + "' is no origin; write https://app.example.com, //app.example.com:8443, *.example.com or *.");
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
