package io.heliodor.playground.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NodeAddressTests {
    @ParameterizedTest
    @CsvSource({
        "a@h, a@h, h, 7100",
        "a@h:7, a@h, h, 7",
        "a@h:0, a@h, h, 0",
        "chat.1@app-1.example.org:65535, chat.1@app-1.example.org, app-1.example.org, 65535",
        "a@127.0.0.1, a@127.0.0.1, 127.0.0.1, 7100",
        "a@[::1], a@[::1], [::1], 7100",
        "a@[::1]:7, a@[::1], [::1], 7"
    })
    void thePortIsNotAPartOfTheName(String text, String name, String host, int port) {
        assertThat(NodeAddress.parse(text)).contains(new NodeAddress(name, new Address(host, port)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "@h", "a@", "a@:7", "a@h:", "a@h:x", "a@h:65536", "a@::1", "a@[::1", "a@h:1:2"})
    void anAddressWithoutANameHostOrPortIsRefused(String text) {
        assertThat(NodeAddress.parse(text)).isEmpty();
    }

    @Test
    void theTextOfOptionsDoesNotContainTheCookie() {
        assertThat(Options.of("a@h").toString()).doesNotContain(Options.COOKIE).contains("a@h");
    }
}
