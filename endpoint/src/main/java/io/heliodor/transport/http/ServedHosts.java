package io.heliodor.transport.http;

import io.heliodor.log.BoundedLog;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hosts that are served, by the {@code Host} header of requests. A foreign page whose name leads to this server
 * (DNS rebinding) sends its own name, and is refused.
 */
public final class ServedHosts {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");
    private static final String PERMISSION = ".hosts(\"{}\")";
    private static final String NAME = "[A-Za-z0-9_-]+(?:\\.[A-Za-z0-9_-]+)*";

    /** A name or an IPv4 address, or an IPv6 address in brackets, and a port. */
    private static final Pattern HOST =
            Pattern.compile("(?:(" + NAME + ")\\.?|\\[([0-9A-Fa-f:.]+)])(?::([0-9]{0,5}))?");

    private static final Pattern RULE = Pattern.compile("(?:\\*\\.)?" + NAME + "|\\[([0-9A-Fa-f:.]+)]");
    private static final int MAX_PORT = 65_535;

    /** A name of 255 characters and a port; a longer one would take the stack of the pattern. */
    private static final int MAX_CHARS = 261;

    /**
     * The ends of names that cannot be registered: of RFC 6761, of ICANN's resolution 2024.07.29.06, and of services in Kubernetes. A page
     * of a foreign name that leads here cannot have one.
     */
    private static final List<String> INNER = List.of(".localhost", ".internal", ".svc", ".svc.cluster.local");

    private final List<String> names;

    /** Whether only names that are named, addresses and names of an inner network are served. */
    private final boolean inner;

    /** How to serve a host, with its name. */
    private final String permission;

    private final BoundedLog refused = new BoundedLog(LOG, "hosts that are not served", System::nanoTime);

    private ServedHosts(List<String> names, boolean inner, String permission) {
        this.names = names;
        this.inner = inner;
        this.permission = permission;
    }

    /**
     * Each host is served.
     *
     * @return the rule
     */
    public static ServedHosts all() {
        return new ServedHosts(List.of(), false, "");
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
        return new ServedHosts(names.stream().map(ServedHosts::rule).toList(), false, PERMISSION);
    }

    /**
     * The hosts of an endpoint that names none: each one; at a loopback address that no proxy uses only addresses, names without a dot,
     * and names of an inner network.
     *
     * @param address the address that it listens on; a name is not looked up
     * @param proxies its proxies
     * @return the rule
     */
    public static ServedHosts byDefault(String address, TrustedProxies proxies) {
        boolean loopback = address.equalsIgnoreCase("localhost")
                || TrustedProxies.address(address)
                        .filter(InetAddress::isLoopbackAddress)
                        .isPresent();
        return loopback && proxies.isEmpty() ? new ServedHosts(List.of(), true, PERMISSION) : all();
    }

    /**
     * The hosts of a management address: those of a loopback address, the name of the address itself, and further names.
     *
     * @param address the address
     * @param names as for {@link #of}; may be empty
     * @return the rule
     * @throws IllegalArgumentException if one is not a name
     */
    public static ServedHosts ofManagement(String address, List<String> names) {
        Stream<String> own = parse(address).stream();
        return new ServedHosts(
                Stream.concat(own, names.stream().map(ServedHosts::rule)).toList(),
                true,
                "management(host, port, \"{}\")");
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
     * Whether a host is served, which {@link #parse} returned; if not, the log shows how to serve it. A request of HTTP/1.0 may have none, as the checks of balancers,
     * and is served: browsers always send one.
     */
    boolean serves(Optional<String> host) {
        boolean serves = host.isEmpty()
                || (names.isEmpty() && !inner)
                || names.stream().anyMatch(rule -> matches(rule, host.get()))
                || (inner && isInner(host.get()));
        if (!serves) {
            refused.warn(
                    "A request for host '{}' is refused: a foreign page may have led its name here. To serve it: "
                            + permission + ".",
                    host.get(),
                    host.get());
        }
        return serves;
    }

    private static boolean isInner(String host) {
        return host.indexOf('.') < 0
                || NetUtil.isValidIpV4Address(host)
                || INNER.stream().anyMatch(host::endsWith);
    }

    private static boolean matches(String rule, String host) {
        return rule.startsWith("*.")
                ? host.equals(rule.substring(2)) || host.endsWith(rule.substring(1))
                : host.equals(rule);
    }
}
