package io.heliodor.link.jgroups.socket;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PendingHandshakesTests {
    private static final long SECOND = 1_000_000_000L;
    private final PendingHandshakes<String> pending = new PendingHandshakes<>(4, 0);

    private static InetAddress address(int last) throws Exception {
        return InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) last});
    }

    @Test
    void theOldestHandshakeOfTheAddressWithMostIsDropped() throws Exception {
        assertThat(pending.add("friend", address(1))).isEmpty();
        assertThat(pending.add("first", address(2))).isEmpty();
        assertThat(pending.add("second", address(2))).isEmpty();
        assertThat(pending.add("other", address(3))).isEmpty();
        assertThat(pending.add("third", address(2))).contains("first");
        assertThat(pending.add("fourth", address(2))).contains("second");
        assertThat(pending.remove("first")).as("removed already").isFalse();
        assertThat(pending.remove("friend")).isTrue();
        assertThat(pending.clear()).hasSize(3);
    }

    @Test
    void strangersMayBeginFiftyHandshakesASecond() {
        assertThat(IntStream.range(0, 100).filter(i -> pending.admitStranger(0)).count())
                .isEqualTo(50);
        assertThat(pending.admitStranger(SECOND / 100)).isFalse();
        assertThat(pending.admitStranger(SECOND / 50)).isTrue();
        assertThat(IntStream.range(0, 100)
                        .filter(i -> pending.admitStranger(100 * SECOND))
                        .count())
                .as("not more after a long pause")
                .isEqualTo(50);
    }
}
