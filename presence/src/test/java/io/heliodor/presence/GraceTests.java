package io.heliodor.presence;

import static io.heliodor.presence.Waits.await;
import static io.heliodor.presence.Waits.awaitEvents;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.heliodor.presence.announce.Announcement;
import io.heliodor.pubsub.PubSub;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Presences that stay for a while after their connection is lost. */
class GraceTests {
    private static final String ROOM = "room:1";
    private static final long MAX_BYTES = 10;

    private final PubSub pubsub = PubSub.local();
    private final TestPause windows = new TestPause();
    private final TestPause grace = new TestPause();
    private final List<String> events = Listener.log();
    private final Presence<String> presence = Presence.builder(pubsub, String.class)
            .pause(windows)
            .grace(grace::pass, MAX_BYTES)
            .build();

    @BeforeEach
    void listen() {
        Announcement.scope(pubsub).subscribeInline(Announcement.DIFFS, diff -> events.add(Listener.diff(diff)));
    }

    @AfterEach
    void close() {
        presence.close();
        windows.end();
        grace.end();
        pubsub.close();
    }

    private Listener tracked(String key, String meta) {
        return tracked(new Object(), key, meta);
    }

    private Listener tracked(Object party, String key, String meta) {
        Listener owner = new Listener(ROOM, party, Listener.log());
        presence.track(owner, key, meta);
        return owner;
    }

    /** Loses the connection of an owner, whose presences stay. */
    private void lose(Listener owner) {
        int before = presence.lost().owners();
        owner.breaks();
        assertThat(presence.lost().owners()).isEqualTo(before + 1);
        await(() -> grace.waiting() == before + 1, grace::waiting);
    }

    private void windowsEnd() {
        await(() -> windows.waiting() == 1, windows::waiting);
        windows.end();
    }

    @Test
    void aLostPresenceStaysUntilItsTimeIsOver() {
        Listener ann = tracked("ann", "web");
        awaitEvents(events, "diff +{ann=web} -{}");
        windowsEnd();
        lose(ann);
        assertThat(presence.list(ROOM)).containsOnlyKeys("ann");
        grace.end();
        awaitEvents(events, "diff +{} -{ann=web}");
        assertThat(presence.list(ROOM)).isEmpty();
        assertThat(presence.lost()).isEqualTo(new Presence.Lost(0, 0, 0));
    }

    @Test
    void aKeyThatReturnsTakesItsLostPresenceWithIt() {
        Listener ann = tracked("ann", "web");
        awaitEvents(events, "diff +{ann=web} -{}");
        windowsEnd();
        lose(ann);
        tracked("ann", "app");
        awaitEvents(events, "diff +{ann=app} -{ann=web}");
        assertThat(presence.get(ROOM, "ann")).containsExactly("app");
        grace.end();
        await(() -> presence.lost().owners() == 0, presence::lost);
        assertThat(presence.get(ROOM, "ann")).containsExactly("app");
    }

    @Test
    void otherKeysOfALostOwnerStay() {
        Listener ann = tracked("ann", "web");
        presence.track(ann, "room:2", "ann", "web");
        lose(ann);
        tracked("ann", "app");
        assertThat(presence.get("room:2", "ann")).containsExactly("web");
    }

    @Test
    void aLostPresenceGoesAtOnceIfItsKeyIsThereByAnotherOwner() {
        Listener ann = tracked("ann", "web");
        tracked("ann", "app");
        ann.breaks();
        await(() -> presence.get(ROOM, "ann").equals(List.of("app")), () -> presence.list(ROOM));
    }

    @Test
    void aLostPresenceOfAKeyStaysThoughAnotherOfItsPresencesIsLost() {
        Listener web = tracked("ann", "web");
        Listener app = tracked("ann", "app");
        app.breaks();
        await(() -> presence.get(ROOM, "ann").equals(List.of("web")), () -> presence.list(ROOM));
        lose(web);
        assertThat(presence.get(ROOM, "ann")).containsExactly("web");
    }

    @Test
    void anOwnerThatIsClosedHasNoGrace() {
        Listener ann = tracked("ann", "web");
        ann.ends();
        assertThat(presence.list(ROOM)).isEmpty();
        assertThat(presence.lost().owners()).isZero();
    }

    @Test
    void lostPresencesBeyondTheBoundGoAtOnce() {
        Listener ann = tracked("ann", "x".repeat(6));
        Listener ben = tracked("ben", "x".repeat(6));
        lose(ann);
        ben.breaks();
        assertThat(presence.list(ROOM)).containsOnlyKeys("ann");
        assertThat(presence.lost()).isEqualTo(new Presence.Lost(1, 6, 1));
    }

    @Test
    void thePartyThatHoldsMostGivesWayToOneThatHoldsLess() {
        Listener first = tracked("mallory", "mallory-1", "xxxx");
        Listener second = tracked("mallory", "mallory-2", "xxxx");
        Listener ann = tracked("ann", "ann", "xxxx");
        lose(first);
        lose(second);
        ann.breaks();
        await(() -> presence.list(ROOM).size() == 2, () -> presence.list(ROOM));
        assertThat(presence.list(ROOM)).containsOnlyKeys("mallory-2", "ann");
        assertThat(presence.lost()).isEqualTo(new Presence.Lost(2, 8, 1));
        // Its thread has ended as well: those of many such owners would take memory until the end of the time.
        await(() -> grace.waiting() == 2, grace::waiting);
    }

    @Test
    void thePartyThatHoldsMostGetsNoMore() {
        lose(tracked("mallory", "mallory-1", "xxxx"));
        lose(tracked("ann", "ann", "xxxx"));
        Listener further = tracked("mallory", "mallory-2", "xxxx");
        further.breaks();
        assertThat(presence.list(ROOM)).containsOnlyKeys("mallory-1", "ann");
        assertThat(presence.lost()).isEqualTo(new Presence.Lost(2, 8, 1));
    }

    @Test
    void aPartyThatHoldsLessThanItsShareIsNeverRefused() {
        // Four parties share ten bytes: ann takes two.
        lose(tracked("ann", "ann-1", "x"));
        lose(tracked("ann", "ann-2", "x"));
        for (int i = 0; i < 30; i++) {
            tracked("mallory-" + i % 3, "mallory" + i, "x".repeat(1 + i % 4)).breaks();
            assertThat(presence.list(ROOM)).containsKeys("ann-1", "ann-2");
            assertThat(presence.lost().bytes()).isLessThanOrEqualTo(MAX_BYTES);
        }
        Listener modest = tracked("ben", "ben", "xx");
        modest.breaks();
        assertThat(presence.list(ROOM)).containsKeys("ann-1", "ann-2", "ben");
    }

    @Test
    void aLostOwnerHoldsNothingOfItsClient() {
        Listener ann = tracked("ann", "web");
        lose(ann);
        assertThat(ann.held()).isZero();
    }

    @Test
    void aLateHandlerOfALostOwnerTracksNothing() {
        Listener ann = tracked("ann", "web");
        lose(ann);
        presence.track(ann, "late", "web");
        assertThat(presence.untrack(ann, "ann")).isFalse();
        assertThat(presence.list(ROOM)).containsOnlyKeys("ann");
    }

    @Test
    void anInvalidTimeIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Presence.builder(pubsub, String.class).grace(Duration.ZERO))
                .withMessageContaining("PT0S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Presence.builder(pubsub, String.class).grace(Duration.ofHours(1)))
                .withMessageContaining("PT1H");
    }
}
