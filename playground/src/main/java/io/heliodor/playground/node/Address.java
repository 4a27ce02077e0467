package io.heliodor.playground.node;

import java.util.Optional;

/** An address to listen on or to connect to, {@code HOST:PORT}, with an IPv6 host in brackets. */
public record Address(String host, int port) {
    /** Parses an address whose port may be left out. */
    static Optional<Address> parse(String text, int defaultPort) {
        String host = text.strip();
        boolean named = host.matches("[^:\\[\\]\\s]+|\\[[^\\[\\]]+\\]");
        return named ? Optional.of(new Address(host, defaultPort)) : parse(host);
    }

    /** Parses an address; port 0 stands for any free port. Blanks around it do not count. */
    public static Optional<Address> parse(String address) {
        String text = address.strip();
        int colon = text.lastIndexOf(':');
        if (colon < 1 || text.substring(0, colon).matches(".*\\s.*")) {
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
