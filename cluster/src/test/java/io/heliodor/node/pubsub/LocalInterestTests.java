package io.heliodor.node.pubsub;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Peer;
import io.heliodor.node.NoPeers;
import io.heliodor.protocol.ReplicatedMaps;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LocalInterestTests {
    private static final Peer SELF = new Peer("a@host", 1);
    private static final long LINGER = LocalInterest.LINGER.toNanos();

    private final ReplicatedMaps maps = new ReplicatedMaps(SELF, new NoPeers(), 3);
    private final LocalInterest wanted = new LocalInterest(maps, 2);

    private Set<String> listed() {
        return Set.copyOf(maps.entries(LocalInterest.MAP, SELF).keySet());
    }

    @Test
    void aTopicStaysForAMomentAfterItsLastSubscription() {
        wanted.add("a");
        wanted.remove("a", 0);
        wanted.tick(LINGER - 1);
        assertThat(listed()).containsExactly("a");
        wanted.tick(LINGER);
        assertThat(listed()).isEmpty();
    }

    @Test
    void aTopicThatIsWantedAgainCostsNoChange() {
        long first = wanted.add("a");
        wanted.remove("a", 0);
        assertThat(wanted.add("a")).isEqualTo(first);
        wanted.tick(LINGER);
        assertThat(listed()).containsExactly("a");
        assertThat(maps.version(LocalInterest.MAP)).isEqualTo(first);
    }

    @Test
    void theMomentBeginsAnewWithEachLastSubscription() {
        wanted.add("a");
        wanted.add("b");
        wanted.remove("a", 0);
        wanted.remove("b", 1);
        wanted.add("a");
        wanted.remove("a", LINGER / 2);
        wanted.tick(LINGER + 1);
        assertThat(listed()).containsExactly("a");
        wanted.tick(LINGER + Duration.ofSeconds(5).toNanos());
        assertThat(listed()).isEmpty();
    }

    @Test
    void aTopicThatIsWantedTakesThePlaceOfOneThatLingers() {
        wanted.add("a");
        wanted.add("b");
        wanted.remove("b", 0);
        wanted.remove("a", 1);
        wanted.add("c");
        assertThat(listed()).containsExactlyInAnyOrder("a", "c");
        wanted.add("b");
        assertThat(listed()).containsExactlyInAnyOrder("b", "c");
    }

    @Test
    void topicsThatHaveNoPlaceMakeTheNodeWantEverything() {
        wanted.add("a");
        wanted.add("b");
        wanted.add("c");
        wanted.add("x".repeat(ReplicatedMaps.MAX_KEY_BYTES + 1));
        assertThat(listed()).containsExactlyInAnyOrder("a", "b", RemoteInterest.EVERYTHING);
        wanted.remove("c", 0);
        assertThat(listed()).contains(RemoteInterest.EVERYTHING);
        wanted.remove("x".repeat(ReplicatedMaps.MAX_KEY_BYTES + 1), 0);
        assertThat(listed()).containsExactlyInAnyOrder("a", "b");
    }
}
