package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.Reply;
import io.heliodor.channel.SlowPolicy;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import io.heliodor.limit.Limits;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that do not read, by the limits of a server and the clock of the kit. */
@Timeout(60)
class SlowClientTests {
    record Cursor(String user, int place) {}

    record Line(String text) {}

    private static final Event<Cursor> CURSOR = Event.of("cursor", Cursor.class);
    private static final Event<Line> TYPING = Event.of("typing", Line.class);
    private static final Event<Line> SAID = Event.of("said", Line.class);
    private static final Call<Empty, Empty, Reason> PING = Call.of("ping", Empty.class, Empty.class);
    private static final String DESK = "desk:1";
    private static final Duration LAG = Duration.ofMillis(250);

    private final Queue<LeaveReason> left = new ConcurrentLinkedQueue<>();

    private ChannelKit kit(Limits limits) {
        Channel<Object, String> desk = Channel.join(join -> Join.ok(join.topic()))
                .answer(PING, (nothing, in) -> Reply.ok())
                .whenSlow(CURSOR, SlowPolicy.latest(Cursor::user))
                .whenSlow(TYPING, SlowPolicy.drop())
                .onLeave((why, in) -> left.add(why))
                .build();
        return ChannelKit.builder(UserSocket.open().channel("desk:*", desk).build())
                .limits(limits)
                .start();
    }

    @Test
    void aClientThatDoesNotReadGetsTheLatestAndNoDroppedEvents() {
        try (ChannelKit kit = kit(Limits.openInternet())) {
            TestChannel slow = kit.connect().join(DESK);
            TestChannel other = kit.connect().join(DESK);
            kit.channels().broadcast(DESK, TYPING, new Line("before"));
            slow.client().stopReading();
            assertThat(slow.expectNext(TYPING)).isEqualTo(new Line("before"));

            kit.channels().broadcast(DESK, CURSOR, new Cursor("ann", 1));
            kit.channels().broadcast(DESK, TYPING, new Line("not lagging yet"));
            kit.advance(LAG);
            kit.channels().broadcast(DESK, CURSOR, new Cursor("ann", 2));
            kit.channels().broadcast(DESK, CURSOR, new Cursor("ben", 1));
            kit.channels().broadcast(DESK, TYPING, new Line("lagging"));
            kit.channels().broadcast(DESK, CURSOR, new Cursor("ann", 3));
            slow.expectNothing();
            assertThat(other.expect(TYPING)).isEqualTo(new Line("before"));
            assertThat(other.expect(TYPING)).isEqualTo(new Line("not lagging yet"));
            assertThat(other.expect(TYPING)).isEqualTo(new Line("lagging"));
            assertThat(kit.metrics().value("heliodor.slow.dropped")).isEqualTo(1);
            assertThat(kit.metrics().value("heliodor.slow.replaced")).isEqualTo(2);

            slow.client().resumeReading();
            assertThat(slow.expectNext(TYPING)).isEqualTo(new Line("not lagging yet"));
            assertThat(slow.expectNext(CURSOR)).isEqualTo(new Cursor("ann", 3));
            assertThat(slow.expectNext(CURSOR)).isEqualTo(new Cursor("ben", 1));
            slow.expectNothing();
            kit.channels().broadcast(DESK, TYPING, new Line("reads again"));
            assertThat(slow.expectNext(TYPING)).isEqualTo(new Line("reads again"));
        }
    }

    @Test
    void aClientThatNeverReadsIsClosedByTheClock() {
        try (ChannelKit kit = kit(Limits.openInternet().sessions(s -> s.stallTimeout(Duration.ofSeconds(20))))) {
            TestClient slow = kit.connect();
            slow.join(DESK);
            slow.stopReading();
            kit.channels().broadcast(DESK, SAID, new Line("hi"));
            kit.advance(Duration.ofSeconds(19));
            assertThat(kit.metrics().value("heliodor.connections")).isEqualTo(1);
            kit.advance(Duration.ofSeconds(3));
            assertThat(slow.expectClose()).isEqualTo(4408);
            assertThat(left).containsExactly(new LeaveReason.Closed());
            slow.resumeReading();
        }
    }

    @Test
    void aClientForWhichTooManyBytesWaitIsClosed() {
        try (ChannelKit kit = kit(Limits.openInternet().memory(m -> m.maxConnectionBytes(1 << 16)))) {
            TestChannel slow = kit.connect().join(DESK);
            TestChannel other = kit.connect().join(DESK);
            slow.client().stopReading();
            Line line = new Line("x".repeat(1 << 12));
            for (int i = 0; i < 17; i++) {
                kit.channels().broadcast(DESK, SAID, line);
                assertThat(other.expect(SAID)).isEqualTo(line);
            }
            assertThat(slow.client().expectClose()).isEqualTo(4408);
        }
    }

    @Test
    void aClientThatDoesNotReadStillSends() {
        try (ChannelKit kit = kit(Limits.openInternet().sessions(s -> s.stallTimeout(Duration.ofMinutes(30))))) {
            TestChannel slow = kit.connect().join(DESK);
            slow.client().stopReading();
            slow.push(Event.of("ping", Empty.class));
            kit.advance(Duration.ofMinutes(5)); // its heartbeats arrive, so it is not idle
            assertThat(kit.metrics().value("heliodor.connections")).isEqualTo(1);
            slow.client().resumeReading();
            slow.call(PING);
        }
    }
}
