package io.heliodor.spring.guide.desk;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.spring.test.LocalHeliodorPort;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;

/** The whole application, with real sockets. */
// @start region=port
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
class SocketTests {
    @LocalHeliodorPort
    private int port;

    @Test
    void thePortIsAFreeOne() {
        assertThat(port).isPositive().isNotEqualTo(4000);
    }
}
// @end
