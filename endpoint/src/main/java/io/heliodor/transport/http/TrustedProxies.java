package io.heliodor.transport.http;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The proxies whose headers name the client of a request. */
public final class TrustedProxies {
    /** An address with or without a port, which some proxies write. Only IPv6 addresses have brackets. */
    private static final Pattern ADDRESS = Pattern.compile("\\[([0-9A-Fa-f:.]+)](?::[0-9]{1,5})?"
            + "|([0-9]{1,3}(?:\\.[0-9]{1,3}){3})(?::[0-9]{1,5})?"
            + "|([0-9A-Fa-f:.]+)");

    private final List<Network> networks;

    private TrustedProxies(List<Network> networks) {
        this.networks = networks;
    }

    /**
     * Parses addresses and networks.
     *
     * @param texts such as {@code 10.0.0.0/8} or {@code ::1}
     * @return the proxies
     * @throws IllegalArgumentException if one is neither
     */
    public static TrustedProxies of(List<String> texts) {
        return new TrustedProxies(texts.stream().map(Network::parse).toList());
    }

    /**
     * The client of a request.
     *
     * @param address the client's address
     * @param scheme {@code http} or {@code https}, as the client used it, if that is known
     */
    public record Client(InetAddress address, Optional<String> scheme) {}

    /**
     * Whether no proxy is trusted.
     *
     * @return true without proxies
     */
    public boolean isEmpty() {
        return networks.isEmpty();
    }

    public boolean trusts(InetAddress address) {
        return networks.stream().anyMatch(network -> network.contains(address));
    }

    /**
     * The client of a request.
     *
     * @param peer the address that sent it
     * @param scheme the scheme that the peer used, if that is known
     * @param headers of the request
     */
    Client client(InetAddress peer, Optional<String> scheme, HttpHeaders headers) {
        if (!trusts(peer)) {
            return new Client(peer, scheme);
        }
        InetAddress client = peer;
        for (String named : backwards(headers.getAll("X-Forwarded-For"))) {
            Optional<InetAddress> address = address(named);
            if (address.isEmpty()) {
                break;
            }
            client = address.get();
            if (!trusts(client)) {
                break;
            }
        }
        // Proxies append theirs: the first value is the scheme of the browser.
        List<String> schemes = backwards(headers.getAll("X-Forwarded-Proto"));
        Optional<String> forwarded = schemes.isEmpty() ? Optional.empty() : scheme(schemes.getLast());
        return new Client(client, forwarded.or(() -> scheme));
    }

    /** The entries of list headers, the last first: each proxy appends the address that it has seen. */
    private static List<String> backwards(List<String> headers) {
        List<String> listed = new ArrayList<>();
        for (String header : headers) {
            for (String each : header.split(",", -1)) {
                listed.add(each.trim());
            }
        }
        return listed.reversed();
    }

    /** The scheme of a header; some proxies write that of the WebSocket. */
    private static Optional<String> scheme(String forwarded) {
        return switch (forwarded.toLowerCase(Locale.ROOT)) {
            case "https", "wss" -> Optional.of("https");
            case "http", "ws" -> Optional.of("http");
            default -> Optional.empty();
        };
    }

    /** Parses an address with or without a port; host names are rejected. */
    static Optional<InetAddress> address(String text) {
        Matcher parts = ADDRESS.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        String literal =
                parts.group(1) != null ? parts.group(1) : parts.group(2) != null ? parts.group(2) : parts.group(3);
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(literal);
        return bytes == null ? Optional.empty() : Optional.of(of(bytes));
    }

    /** Converts an IPv4-mapped IPv6 address to IPv4. */
    private static InetAddress of(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes are an address", e);
        }
    }

    /** The addresses that share a prefix. */
    private record Network(InetAddress address, int bits) {
        static Network parse(String text) {
            int slash = text.indexOf('/');
            byte[] bytes = NetUtil.createByteArrayFromIpAddressString(slash < 0 ? text : text.substring(0, slash));
            if (bytes == null || !text.matches("[0-9A-Fa-f:.]+(/[0-9]{1,3})?")) {
                throw invalid(text);
            }
            InetAddress address = TrustedProxies.of(bytes);
            int maxBits = address.getAddress().length * Byte.SIZE;
            int bits = slash < 0 ? maxBits : Integer.parseInt(text.substring(slash + 1));
            if (bits > maxBits) {
                throw invalid(text);
            }
            return new Network(address, bits);
        }

        private static IllegalArgumentException invalid(String text) {
            return new IllegalArgumentException(
                    "'" + text + "' is not an address of a proxy; write 192.0.2.7, 10.0.0.0/8, ::1 or 2001:db8::/32.");
        }

        boolean contains(InetAddress other) {
            byte[] mine = address.getAddress();
            byte[] others = other.getAddress();
            if (mine.length != others.length) {
                return false;
            }
            for (int i = 0; i < bits; i++) {
                int mask = 0x80 >> i % Byte.SIZE;
                if (((mine[i / Byte.SIZE] ^ others[i / Byte.SIZE]) & mask) != 0) {
                    return false;
                }
            }
            return true;
        }
    }
}
