package io.heliodor.playground;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.endpoint.Endpoint;
import io.heliodor.endpoint.Text;
import io.heliodor.node.Cookie;
import io.heliodor.node.Node;
import io.heliodor.node.StartException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Endpoints and nodes whose port another program has: the same text, and a type for each. */
class PortInUseTests {
    private final ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final String text = "Port " + other.getLocalPort()
            + " is in use on 127.0.0.1; stop the program that has it, or choose another port, or 0 for a free one.";

    PortInUseTests() throws IOException {}

    @AfterEach
    void close() throws IOException {
        other.close();
    }

    @Test
    void anEndpointReportsThePort() {
        Endpoint endpoint = Endpoint.builder()
                .host("127.0.0.1")
                .port(other.getLocalPort())
                .get("/text", _ -> new Text("text/plain", ""))
                .build();
        assertThatThrownBy(endpoint::start)
                .isInstanceOf(io.heliodor.endpoint.PortInUseException.class)
                .hasMessage(text);
    }

    @Test
    void aNodeReportsThePort() {
        assertThatThrownBy(() -> Node.builder("a@127.0.0.1")
                        .bind("127.0.0.1", other.getLocalPort())
                        .cookie(Cookie.of("a-secret-of-more-than-32-characters-for-a-test"))
                        .start())
                .isInstanceOf(io.heliodor.node.PortInUseException.class)
                .hasMessage(text)
                .extracting("problem")
                .isEqualTo(StartException.Problem.PORT_IN_USE);
    }

    @Test
    void aNodeOnAnAddressOfAnotherMachineReportsTheAddress() {
        assertThatThrownBy(() -> Node.builder("a@192.0.2.1")
                        .bind("192.0.2.1", 4711)
                        .cookie(Cookie.of("a-secret-of-more-than-32-characters-for-a-test"))
                        .start())
                .isInstanceOf(StartException.class)
                .hasMessageStartingWith("Cannot listen at 192.0.2.1:4711: ")
                .extracting("problem")
                .isEqualTo(StartException.Problem.BAD_SETTING);
    }
}
