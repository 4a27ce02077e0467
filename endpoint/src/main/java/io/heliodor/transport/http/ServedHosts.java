package io.heliodor.transport.http;

import io.netty.util.NetUtil;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The hosts that are served, by the {@code Host} header of requests. A foreign page whose name leads to this server
 * (DNS rebinding) sends its own name, and is refused.
 */
public final class ServedHosts {
    private static final String NAME = "[A-Za-z0-9_-]+(?:\\.[A-Za-z0-9_-]+)*";

    /** A name or an IPv4 address, or an IPv6 address in brackets, and a port. */
    private static final Pattern HOST =
            Pattern.compile("(?:(" + NAME + ")\\.?|\\[([0-9A-Fa-f:.]+)])(?::([0-9]{0,5}))?");

    private static final Pattern RULE = Pattern.compile("(?:\\*\\.)?" + NAME + "|\\[([0-9A-Fa-f:.]+)]");
    private static final int MAX_PORT = 65_535;

    /** A name of 255 characters and a port; a longer one would take the stack of the pattern. */
    private static final int MAX_CHARS = 261;

    private final List<String> names;

    private ServedHosts(List<String> names) {
        this.names = names;
    }

    /**
     * Each host is served.
     *
     * @return the rule
     */
    public static ServedHosts all() {
        return new ServedHosts(List.of());
    }

    /**
     * Parses names.
     *
     * @param names such as {@code app.example.com}, {@code *.example.com} or {@code [::1]}
     * @return the rule
     * @throws IllegalArgumentException if there is none, or one is not a name
     */
    public static ServedHosts of(List<String> names) {
        if (names.isEmpty()) {
            throw new IllegalArgumentException("hosts() names no host; without hosts(...) each one is served.");
        }
        return new ServedHosts(names.stream().map(ServedHosts::rule).toList());
    }

    private static String rule(String text) {
        Matcher rule = RULE.matcher(text);
        if (!rule.matches() || (rule.group(1) != null && !NetUtil.isValidIpV6Address(rule.group(1)))) {
            throw new IllegalArgumentException(
                    "'" + text
                            + "' is not the name of a host; write app.example.com, *.example.com or [::1], without scheme and port.");
        }
        return text.toLowerCase(Locale.ROOT);
    }

    /** The host in the value of a header, in lower case and without its port; empty if it is not valid. */
    static Optional<String> parse(String header) {
        Matcher host = HOST.matcher(header);
        if (header.length() > MAX_CHARS
                || !host.matches()
                || (host.group(2) != null && !NetUtil.isValidIpV6Address(host.group(2)))
                || !isPort(host.group(3))) {
            return Optional.empty();
        }
        String name = host.group(1) == null ? "[" + host.group(2) + "]" : host.group(1);
        return Optional.of(name.toLowerCase(Locale.ROOT));
    }

    private static boolean isPort(@Nullable String digits) {
        return digits == null || digits.isEmpty() || Integer.parseInt(digits) <= MAX_PORT;
    }

    /**
     * Whether a host is served, which {@link #parse} returned. A request of HTTP/1.0 may have none, as the checks of balancers,
     * and is served: browsers always send one.
     */
    boolean serves(Optional<String> host) {
        return names.isEmpty() || host.isEmpty() || names.stream().anyMatch(rule -> matches(rule, host.get()));
    }

    private static boolean matches(String rule, String host) {
        return rule.startsWith("*.")
                ? host.equals(rule.substring(2)) || host.endsWith(rule.substring(1))
                : host.equals(rule);
    }
}
