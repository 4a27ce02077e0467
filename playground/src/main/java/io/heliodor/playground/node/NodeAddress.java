package io.heliodor.playground.node;

import java.util.Optional;

/** The value of {@code --name}, {@code NAME@HOST[:PORT]}. The node validates the name and the host. */
record NodeAddress(String name, Address bind) {
    static Optional<NodeAddress> parse(String text) {
        int at = text.indexOf('@');
        if (at < 1) {
            return Optional.empty();
        }
        return Address.parse(text.substring(at + 1), NodeOptions.DEFAULT_PORT)
                .map(address -> new NodeAddress(text.substring(0, at + 1) + address.host(), address));
    }
}
