package io.heliodor.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Peer;
import io.heliodor.protocol.OwnedSets;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WantedTopicsTests {
    private static final Peer SELF = new Peer("a@host", 1);
    private static final long LINGER = WantedTopics.LINGER.toNanos();

    private final OwnedSets sets = new OwnedSets(SELF, new NoPeers(), 3);
    private final WantedTopics wanted = new WantedTopics(sets, 2);

    private Set<String> listed() {
        return Set.copyOf(sets.entries(Kinds.INTEREST, SELF).keySet());
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
        assertThat(sets.version(Kinds.INTEREST)).isEqualTo(first);
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
        wanted.add("x".repeat(OwnedSets.KEY_BYTES + 1));
        assertThat(listed()).containsExactlyInAnyOrder("a", "b", Interest.EVERYTHING);
        wanted.remove("c", 0);
        assertThat(listed()).contains(Interest.EVERYTHING);
        wanted.remove("x".repeat(OwnedSets.KEY_BYTES + 1), 0);
        assertThat(listed()).containsExactlyInAnyOrder("a", "b");
    }
}
