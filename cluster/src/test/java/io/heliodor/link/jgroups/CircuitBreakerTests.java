package io.heliodor.link.jgroups;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class CircuitBreakerTests {
    private static final long MILLI = 1_000_000L;
    private final CircuitBreaker breaker = new CircuitBreaker();
    private final InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

    @Test
    void whoDoesNotAnswerIsLeftAloneForAWhileThatGrows() {
        assertThat(breaker.closed(address, 0)).isTrue();
        breaker.failed(address, 0);
        assertThat(breaker.closed(address, 99 * MILLI)).isFalse();
        assertThat(breaker.closed(address, 100 * MILLI)).isTrue();
        breaker.failed(address, 0);
        assertThat(breaker.closed(address, 199 * MILLI)).isFalse();
        for (int i = 0; i < 10; i++) {
            breaker.failed(address, 0);
        }
        assertThat(breaker.closed(address, 800 * MILLI)).as("the longest").isTrue();
    }

    @Test
    void whoAnswersIsTriedAtOnceTheNextTime() {
        breaker.failed(address, 0);
        breaker.failed(address, 0);
        breaker.answered(address);
        assertThat(breaker.closed(address, 0)).isTrue();
        breaker.failed(address, 0);
        assertThat(breaker.closed(address, 100 * MILLI)).as("begins anew").isTrue();
    }

    @Test
    void itRemembersOnlySoManyAddresses() {
        for (int port = 1; port <= 10_000; port++) {
            breaker.failed(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        }
        assertThat(breaker.closed(address, 0)).isFalse();
        assertThat(breaker.closed(new InetSocketAddress(InetAddress.getLoopbackAddress(), 10_000), 0))
                .isTrue();
        InetSocketAddress later = new InetSocketAddress(InetAddress.getLoopbackAddress(), 10_000);
        breaker.failed(later, 1_000 * MILLI);
        assertThat(breaker.closed(later, 1_000 * MILLI))
                .as("old ones make room")
                .isFalse();
    }
}
