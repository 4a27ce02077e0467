package io.heliodor.link.jgroups;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Peer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jgroups.Address;
import org.jgroups.util.UUID;
import org.jgroups.util.Util;
import org.junit.jupiter.api.Test;

class SeniorityPolicyTests {
    private final SeniorityPolicy order = new SeniorityPolicy();
    private final List<Address> some =
            java.util.stream.Stream.<Address>generate(UUID::randomUUID).limit(6).toList();

    @Test
    void newMembersFollowTheOlderOnes() {
        assertThat(order.getNewMembership(
                        some.subList(0, 4), some.subList(4, 6), List.of(some.get(1)), List.of(some.get(0))))
                .containsExactly(some.get(2), some.get(3), some.get(4), some.get(5));
    }

    @Test
    void thePartWithMostMembersComesFirstAndKeepsItsOrder() {
        assertThat(order.getNewMembership(List.of(some.subList(4, 6), some.subList(0, 3), List.of(some.get(3)))))
                .containsExactly(some.get(0), some.get(1), some.get(2), some.get(4), some.get(5), some.get(3));
    }

    @Test
    void aSentAddressContainsThePeerAndItsSocketAddress() throws Exception {
        Peer peer = new Peer("näme@host", Long.MAX_VALUE);
        InetSocketAddress at = new InetSocketAddress(
                InetAddress.getByAddress(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}), 65_535);
        Address sent = Util.objectFromByteBuffer(Util.objectToByteBuffer(PeerAddresses.of(peer, at)));
        assertThat(PeerAddresses.peer(sent)).isEqualTo(peer);
        assertThat(PeerAddresses.reachedAt(sent)).isEqualTo(at);
        assertThat(PeerAddresses.peer(some.get(0))).isNull();
        assertThat(PeerAddresses.reachedAt(some.get(0))).isNull();
    }
}
