package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.JoinOutcome;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Event;
import io.heliodor.session.budget.TopicLimits;
import java.time.Duration;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Joins whose handlers a test holds, and the broadcasts meanwhile. */
@Timeout(60)
class HeldJoinTests {
    private static final String GAME = "game:1";
    private static final String LIVE = "live:1";

    /** The deadline of tests that wait until it has passed. */
    private static final Duration SHORT = Duration.ofMillis(1_500);

    record Points(int points) {}

    record Large(String text) {}

    static final Event<Points> SCORED = Event.of("scored", Points.class);
    static final Event<Large> LARGE = Event.of("large", Large.class);

    /** Guarded by this. */
    private int points;

    private synchronized JoinOutcome<String> since(Join<Object> join) {
        return Join.ok("a", new Points(points)).since(join.position());
    }

    private synchronized JoinOutcome<String> state(Join<Object> join) {
        return switch (join.topic()) {
            case LIVE -> Join.ok("a", new Points(points));
            case "live:full" -> Join.refuse("full");
            default -> throw new IllegalStateException("no database");
        };
    }

    private ChannelKit.Builder describe() {
        UserSocket<Object> socket = UserSocket.open()
                .channel(
                        "game:*",
                        Channel.join(this::since)
                                .history(History.of(10, Duration.ofMinutes(1), SCORED))
                                .build())
                .channel(
                        "live:*",
                        Channel.join(this::state)
                                .handlerTimeout(Duration.ofSeconds(30))
                                .build())
                .build();
        return ChannelKit.builder(socket);
    }

    private void score(ChannelKit kit, String topic) {
        synchronized (this) {
            points++;
            kit.channels().broadcast(topic, SCORED, new Points(points));
        }
    }

    private static AbstractThrowableAssert<?, ?> assertFails(ThrowingCallable call) {
        return assertThatThrownBy(call).isInstanceOf(AssertionError.class);
    }

    @Test
    void whatIsBroadcastWhileTheJoinIsHeldFollowsTheReply() {
        try (ChannelKit kit = describe().start()) {
            HeldJoin join = kit.connect().holdJoin(LIVE);
            score(kit, LIVE);
            join.handle();
            score(kit, LIVE);
            TestChannel ann = join.joined();
            assertThat(ann.reply(Points.class)).isEqualTo(new Points(1));
            assertThat(ann.expectNext(SCORED)).isEqualTo(new Points(1));
            assertThat(ann.expectNext(SCORED)).isEqualTo(new Points(2));
            score(kit, LIVE);
            assertThat(ann.expectNext(SCORED)).isEqualTo(new Points(3));
            ann.expectNothing();
        }
    }

    @Test
    void aStateThatNamesItsPositionIsFollowedByWhatItLacks() {
        try (ChannelKit kit = describe().start()) {
            HeldJoin join = kit.connect().holdJoin(GAME);
            score(kit, GAME);
            join.handle();
            score(kit, GAME);
            TestChannel ann = join.joined();
            assertThat(ann.reply(Points.class)).isEqualTo(new Points(1));
            assertThat(ann.expectNext(SCORED)).isEqualTo(new Points(2));
            ann.expectNothing();
        }
    }

    @Test
    void theHandlerRunsWhenTheTestLetsTheJoinGoOn() {
        try (ChannelKit kit = describe().start()) {
            HeldJoin join = kit.connect().holdJoin(GAME);
            score(kit, GAME);
            TestChannel ann = join.joined();
            assertThat(ann.reply(Points.class)).isEqualTo(new Points(1));
            ann.expectNothing();
            assertThatIllegalStateException()
                    .isThrownBy(join::joined)
                    .withMessage("The join of game:1 goes on already; hold another one.");
            assertThatIllegalStateException().isThrownBy(join::handle);
        }
    }

    @Test
    void otherJoinsGoOn() {
        try (ChannelKit kit = describe().start()) {
            TestClient ann = kit.connect();
            HeldJoin join = ann.holdJoin(LIVE);
            kit.connect().join(LIVE);
            ann.join(GAME);
            join.joined();
            ann.join(LIVE);
        }
    }

    @Test
    void aRefusalIsExpected() {
        try (ChannelKit kit = describe().start()) {
            HeldJoin join = kit.connect().holdJoin("live:full");
            assertThat(join.refused()).isEqualTo(new Refusal.Plain("full"));
            HeldJoin failing = kit.connect().holdJoin("live:2");
            failing.handle();
            assertFails(failing::joined)
                    .hasMessageStartingWith(
                            "Expected to join live:2; it was refused with {\"reason\":\"join crashed\"}.")
                    .hasCauseInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aJoinWithoutAHandlerIsNotHeld() {
        try (ChannelKit kit = describe().start()) {
            assertFails(() -> kit.connect().holdJoin("nowhere:1"))
                    .hasMessageStartingWith(
                            "Expected the join handler of nowhere:1 to be called; the join was answered before.\n")
                    .hasMessageContaining("unmatched topic");
        }
    }

    @Test
    void theTimeoutOfAHandlerPassesByTheClockOfTheKit() {
        try (ChannelKit kit = describe().start()) {
            HeldJoin join = kit.connect().holdJoin(LIVE);
            kit.advance(Duration.ofSeconds(29));
            kit.advance(Duration.ofSeconds(4));
            assertFails(join::joined)
                    .hasMessageStartingWith(
                            "Expected to join live:1; it was refused with {\"reason\":\"join crashed\"}.");
        }
    }

    @Test
    void moreThanMayWaitForAHeldJoinRefusesIt() {
        try (ChannelKit kit = describe()
                .topicLimits(new TopicLimits(100, 16, 400, 3_000, 1_000))
                .start()) {
            for (int i = 1; i <= 50; i++) {
                HeldJoin join = kit.connect().holdJoin(LIVE);
                kit.channels().broadcast(LIVE, LARGE, new Large("a".repeat(2_000)));
                assertThat(join.refused()).isEqualTo(new Refusal.Plain("overloaded"));
                assertThat(kit.metrics().value("heliodor.joins.overrun")).isEqualTo(i);
            }
        }
    }

    @Test
    void aHeldJoinMayBeReplacedByAnotherOne() {
        try (ChannelKit kit = describe().start()) {
            TestClient ann = kit.connect();
            HeldJoin first = ann.holdJoin(LIVE);
            HeldJoin second = ann.holdJoin(LIVE);
            score(kit, LIVE);
            assertThat(second.joined().reply(Points.class)).isEqualTo(new Points(1));
            assertFails(first::joined).hasMessageStartingWith("Expected");
        }
    }

    @Test
    void aWaitThatFailsNamesTheHeldJoin() {
        try (ChannelKit kit = describe().deadline(SHORT).start()) {
            HeldJoin join = kit.connect().holdJoin(LIVE);
            assertFails(kit::settle)
                    .hasMessage(
                            "Work is still pending after 1.5 s. Still running: the join handler on live:1, which the"
                                    + " test holds (holdJoin)");
            join.joined();
        }
    }

    @Test
    void theCloseOfTheKitLetsAHeldJoinGoOn() {
        ChannelKit kit = describe().start();
        kit.connect().holdJoin(LIVE);
        HeldJoin handled = kit.connect().holdJoin(LIVE);
        handled.handle();
        kit.close();
    }

    @Test
    void aClientMayLeaveWhileItsJoinIsHeld() {
        try (ChannelKit kit = describe().start()) {
            HeldJoin join = kit.connect().holdJoin(LIVE);
            join.channel().client().drop();
            score(kit, LIVE);
            assertFails(join::joined)
                    .hasMessageStartingWith("Expected an answer to the join of live:1; the connection has ended.");
            kit.settle();
        }
    }

    @Test
    void whatAnotherNodeBroadcastsFollowsTheReply() {
        try (ClusterKit cluster = ClusterKit.start("a@host", "b@host");
                ChannelKit a = describe().node(cluster, "a@host").start();
                ChannelKit b = describe().node(cluster, "b@host").start()) {
            HeldJoin join = b.connect().holdJoin(GAME);
            join.handle();
            score(a, GAME);
            TestChannel ann = join.joined();
            assertThat(ann.reply(Points.class)).isEqualTo(new Points(0));
            assertThat(ann.expectNext(SCORED)).isEqualTo(new Points(1));
            ann.expectNothing();
        }
    }
}
