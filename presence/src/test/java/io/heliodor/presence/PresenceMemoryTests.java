package io.heliodor.presence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.heliodor.pubsub.PubSub;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The memory of a client that its presences take. */
class PresenceMemoryTests {
    private static final String ROOM = "room:1";

    @AutoClose
    private final PubSub pubsub = PubSub.local();

    @AutoClose
    private final Presence<String> presence = Presence.over(pubsub, String.class);

    private final Listener owner = new Listener(ROOM, Listener.log());

    @Test
    void eachPresenceCounts() {
        presence.track(owner, "ann", "12345");
        presence.track(owner, "room:2", "ann", "123");
        assertThat(owner.held()).isEqualTo(8);
        presence.untrack(owner, "ann");
        assertThat(owner.held()).isEqualTo(3);
        presence.untrack(owner, "ann");
        assertThat(owner.held()).isEqualTo(3);
        presence.untrackAll(owner);
        assertThat(owner.held()).isZero();
    }

    @Test
    void anUpdateCountsTheDifference() {
        presence.track(owner, "ann", "12345");
        presence.update(owner, "ann", meta -> "12345678");
        assertThat(owner.held()).isEqualTo(8);
        presence.update(owner, "ann", meta -> "1");
        assertThat(owner.held()).isEqualTo(1);
        presence.update(owner, "bob", meta -> "nobody is present under this key");
        assertThat(owner.held()).isEqualTo(1);
    }

    @Test
    void theEndOfAnOwnerReleasesItsMemory() {
        presence.track(owner, "ann", "12345");
        presence.track(owner, "bob", "12345");
        owner.ends();
        // Removes the owners that have ended.
        presence.untrack(Owner.of(ROOM), "nobody");
        assertThat(owner.held()).isZero();
        presence.track(owner, "ann", "12345");
        assertThat(owner.held()).as("memory of an owner that has ended").isZero();
    }

    @Test
    void aPresenceThatTakesTooMuchIsRefused() {
        presence.track(owner, "ann", "1".repeat(60));
        assertThatIllegalStateException().isThrownBy(() -> presence.track(owner, "bob", "1".repeat(41)));
        assertThatIllegalStateException().isThrownBy(() -> presence.update(owner, "ann", meta -> "1".repeat(101)));
        assertThat(presence.list(ROOM)).containsOnlyKeys("ann");
        assertThat(presence.get(ROOM, "ann").getFirst()).hasSize(60);
        assertThat(owner.held()).isEqualTo(60);
        presence.track(owner, "bob", "1".repeat(40));
    }

    @Test
    void theSamePresenceIsNotCountedTwice() {
        presence.track(owner, "ann", "12345");
        assertThatIllegalStateException().isThrownBy(() -> presence.track(owner, "ann", "12345"));
        assertThat(owner.held()).isEqualTo(5);
    }

    @Test
    void presencesOfTheServerTakeNoMemoryOfAClient() {
        presence.track(Owner.of(ROOM), "printer", "1".repeat(1_000));
        assertThat(presence.count(ROOM)).isEqualTo(1);
    }
}
