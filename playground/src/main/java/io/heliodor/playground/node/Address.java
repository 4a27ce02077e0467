package io.heliodor.playground.node;

import java.util.Optional;

/** An address to listen on or to connect to, {@code HOST:PORT}, with an IPv6 host in brackets. */
public record Address(String host, int port) {
    /** Parses an address; port 0 stands for any free port. */
    public static Optional<Address> parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1 || text.substring(0, colon).isBlank()) {
            return Optional.empty();
        }
        String host = text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]") && host.length() > 2;
        if (!bracketed && (host.contains(":") || host.contains("["))) {
            return Optional.empty();
        }
        String digits = text.substring(colon + 1);
        if (!digits.matches("\\d{1,5}")) {
            return Optional.empty();
        }
        int port = Integer.parseInt(digits);
        return port > 65_535 ? Optional.empty() : Optional.of(new Address(host, port));
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
