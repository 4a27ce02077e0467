package io.heliodor.playground.node;

import java.util.List;
import java.util.Optional;

final class Options {
    static final String COOKIE = "a-cookie-for-tests";

    private Options() {}

    static NodeOptions of(String name) {
        NodeAddress parsed = NodeAddress.parse(name).orElseThrow();
        return new NodeOptions(
                parsed.name(),
                parsed.bind(),
                Optional.empty(),
                COOKIE,
                Optional.empty(),
                List.of(),
                List.of(),
                Optional.empty());
    }
}
