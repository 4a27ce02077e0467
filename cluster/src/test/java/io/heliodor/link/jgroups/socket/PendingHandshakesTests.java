package io.heliodor.link.jgroups.socket;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class PendingHandshakesTests {
    private final PendingHandshakes<String> pending = new PendingHandshakes<>(4);

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
}
