package io.heliodor.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses as text in the settings of a node. */
class HostPortTests {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.1:7100, 10.0.0.1, 7100",
        "[::1]:0, ::1, 0",
        "node-1.example.org:65535, node-1.example.org, 65535"
    })
    void anAddressHasAHostAndAPort(String text, String host, int port) {
        assertThat(HostPort.of(text)).isEqualTo(new HostPort(host, port));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "localhost", ":7100", "::1:7100", "[::1]", "h:", "h:65536", "h:-1", "h:x"})
    void anyOtherTextIsRefusedByEachSetting(String text) {
        Node.Builder node = Node.builder("a@127.0.0.1");
        for (ThrowingCallable setting :
                List.<ThrowingCallable>of(() -> node.bind(text), () -> node.advertise(text), () -> node.seeds(text))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(setting)
                    .withMessage("An address is host:port, with an IPv6 address in brackets, not \"" + text + "\".");
        }
    }
}
