package io.heliodor.node;

import java.util.Objects;

/**
 * An address as users write it: {@code host:port}, an IPv6 address in brackets.
 *
 * @param host a name or an address, without brackets
 * @param port 0 to 65535
 */
record HostPort(String host, int port) {
    static HostPort of(String address) {
        Objects.requireNonNull(address, "address");
        String text = address.strip(); // one of a list that was split at its commas
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw bad(text);
        }
        int port;
        try {
            port = Integer.parseInt(text.substring(colon + 1));
        } catch (NumberFormatException e) {
            throw bad(text);
        }
        if (host.isEmpty() || host.chars().anyMatch(Character::isWhitespace) || port < 0 || port > 65_535) {
            throw bad(text);
        }
        return new HostPort(host, port);
    }

    private static IllegalArgumentException bad(String text) {
        return new IllegalArgumentException(
                "An address is host:port, with an IPv6 address in brackets, not \"" + text + "\".");
    }
}
