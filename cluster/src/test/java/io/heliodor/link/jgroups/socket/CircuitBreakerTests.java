package io.heliodor.link.jgroups.socket;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class CircuitBreakerTests {
    private static final long MILLI = 1_000_000L;
    private final CircuitBreaker breaker = new CircuitBreaker();
    private final InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

    @Test
    void failuresBlockAnAddressForATimeThatGrows() {
        assertThat(breaker.allows(address, 0)).isTrue();
        breaker.recordFailure(address, 0);
        assertThat(breaker.allows(address, 99 * MILLI)).isFalse();
        assertThat(breaker.allows(address, 100 * MILLI)).isTrue();
        breaker.recordFailure(address, 0);
        assertThat(breaker.allows(address, 199 * MILLI)).isFalse();
        for (int i = 0; i < 10; i++) {
            breaker.recordFailure(address, 0);
        }
        assertThat(breaker.allows(address, 800 * MILLI)).as("the maximum").isTrue();
    }

    @Test
    void anAddressThatAnswersIsAllowedAtOnce() {
        breaker.recordFailure(address, 0);
        breaker.recordFailure(address, 0);
        breaker.recordSuccess(address);
        assertThat(breaker.allows(address, 0)).isTrue();
        breaker.recordFailure(address, 0);
        assertThat(breaker.allows(address, 100 * MILLI)).as("begins again").isTrue();
    }

    @Test
    void theNumberOfRememberedAddressesIsLimited() {
        for (int port = 1; port <= 10_000; port++) {
            breaker.recordFailure(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        }
        assertThat(breaker.allows(address, 0)).isFalse();
        assertThat(breaker.allows(new InetSocketAddress(InetAddress.getLoopbackAddress(), 10_000), 0))
                .isTrue();
        InetSocketAddress later = new InetSocketAddress(InetAddress.getLoopbackAddress(), 10_000);
        breaker.recordFailure(later, 1_000 * MILLI);
        assertThat(breaker.allows(later, 1_000 * MILLI))
                .as("old addresses are dropped")
                .isFalse();
    }
}
