package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.Join;
import io.heliodor.channel.LeaveReason;
import io.heliodor.limit.Limits;
import io.heliodor.session.telemetry.Counter;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clients that read slowly, or not at all. */
class OutboxTests {
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;

    @AutoClose
    private final TestServer server = new TestServer(
            Limits.openInternet().memory(m -> m.maxConnectionBytes(MIB)).sessions(s -> s.maxMessageBytes(64 * KIB)));

    private final List<Context<?, String>> members = new CopyOnWriteArrayList<>();
    private final Queue<LeaveReason> left = new ConcurrentLinkedQueue<>();
    private Client client;

    @BeforeEach
    void serve() {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(join.topic()))
                        .onJoined(members::add)
                        .onLeave((why, room) -> left.add(why))
                        .build());
        client = member();
    }

    private Client member() {
        int before = members.size();
        Client joined = server.connect();
        joined.joins("3", "room:42");
        server.await(() -> members.size() > before, members::toString);
        return joined;
    }

    private static final String PUSHED = "['3',null,'room:42','say',{'text':'%s'}]";
    private static final String BROADCAST = "[null,null,'room:42','say',{'text':'%s'}]";

    /** Returns text for a push of this many bytes. */
    private static String text(int bytes) {
        return "x".repeat(bytes - PUSHED.formatted("").length());
    }

    private void push(String text) {
        members.getFirst().push(Chat.SAY, new Chat.Text(text));
        server.settle();
    }

    private void broadcast(String text) {
        server.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text(text));
        server.settle();
    }

    @Test
    void aClientForWhichAMebibyteWaitsGetsNoMoreAndIsClosed() {
        client.stopsTaking();
        for (int i = 0; i < 1024; i++) {
            push(text(KIB));
        }
        assertThat(client.closed()).as("closed with 1 MiB waiting").isFalse();
        push("one more");
        client.isClosedWith(4408);
        assertThat(server.count(Counter.CLOSED_SLOW)).isEqualTo(1);
        server.await(() -> !left.isEmpty(), () -> "the leave hook");
        assertThat(left).containsExactly(new LeaveReason.Closed());
    }

    @Test
    void broadcastsThatOthersShareCountAsWell() {
        Client quick = member();
        client.stopsTaking();
        String large = text(KIB * 64);
        for (int i = 0; i < 17; i++) {
            broadcast(large);
            quick.receives(BROADCAST.formatted(large));
        }
        client.isClosedWith(4408);
        broadcast("on");
        quick.receives(BROADCAST.formatted("on"));
    }

    @Test
    void oneLargeMessageClosesNoClient() {
        client.stopsTaking();
        push(text(3 * MIB));
        assertThat(client.closed()).isFalse();
        client.takesAgain();
        client.receives(PUSHED.formatted(text(3 * MIB)));
    }

    @Test
    void aFastReaderMayGetMoreInOneTurnThanMayWait() {
        Client other = member();
        String large = text(KIB * 32);
        for (int i = 0; i < 64; i++) {
            server.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text(large));
            members.getFirst().push(Chat.SAY, new Chat.Text(large));
        }
        for (int i = 0; i < 64; i++) {
            client.receives(BROADCAST.formatted(large), PUSHED.formatted(large));
            other.receives(BROADCAST.formatted(large));
        }
    }

    @Test
    void aFastReaderMayGetMoreInOneTurnThanMayWaitHoweverLittleThatIs() {
        try (var narrow = new TestServer(Limits.openInternet().memory(m -> m.maxConnectionBytes(100 * KIB)))) {
            narrow.serve("room:*", Channel.join(join -> Join.ok("a")).build());
            Client fast = narrow.connect();
            fast.joins("3", "room:42");
            String large = text(50 * KIB);
            for (int i = 0; i < 4; i++) {
                narrow.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text(large));
            }
            narrow.loop().turn();
            fast.receives(BROADCAST.formatted(large), BROADCAST.formatted(large));
            fast.receives(BROADCAST.formatted(large), BROADCAST.formatted(large));
        }
    }

    @Test
    void laterMessagesOvertakeNoneThatWaits() {
        client.stopsTaking();
        for (int i = 0; i < 20; i++) {
            push(i + text(10 * KIB));
        }
        client.takesUnnoticed(5);
        assertThat(client.writable()).isTrue();
        push("later");
        client.takesAgain();
        for (int i = 0; i < 20; i++) {
            client.receives(PUSHED.formatted(i + text(10 * KIB)));
        }
        client.receives(PUSHED.formatted("later"));
    }

    /** Sends messages until one is refused; the close waits for the next turn. */
    private void untilRefused() {
        client.stopsTaking();
        long refused = server.count(Counter.WRITES_AFTER_END);
        for (int i = 0; server.count(Counter.WRITES_AFTER_END) == refused; i++) {
            assertThat(i).as("messages before one is refused").isLessThan(10_000);
            server.loop().perform(() -> client.session().outbox().offer(new byte[200]));
        }
        assertThat(client.closed()).isFalse();
    }

    @Test
    void noMessageIsSentAfterOneThatWasRefused() {
        untilRefused();
        client.takesAgain();
        client.sends("[null,'behind','phoenix','heartbeat',{}]");
        client.isClosedWith(4408);
        assertThat(client.received()).noneMatch(message -> message.contains("behind"));
        client.forgets();
    }

    @Test
    void aSlowClientThatGoesAwayByItselfIsNotCounted() {
        untilRefused();
        client.drops();
        server.settle();
        assertThat(server.count(Counter.CLOSED_SLOW)).isZero();
    }

    @Test
    void waitingMessagesReachASlowReaderInOrder() {
        Client other = member();
        client.stopsTaking();
        String large = text(KIB * 20);
        for (int i = 0; i < 20; i++) {
            server.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text(i + large));
            members.getFirst().push(Chat.SAY, new Chat.Text(i + large));
        }
        server.settle();
        assertThat(client.received()).isEmpty();
        for (int i = 0; i < 3; i++) {
            client.takes(1);
        }
        server.settle();
        assertThat(client.received()).hasSizeBetween(3, 10);
        client.takesAgain();
        for (int i = 0; i < 20; i++) {
            client.receives(BROADCAST.formatted(i + large), PUSHED.formatted(i + large));
            other.receives(BROADCAST.formatted(i + large));
        }
    }

    @Test
    void aSlowMemberDelaysNoOther() {
        Client other = member();
        client.stopsTaking();
        for (int i = 0; i < 100; i++) {
            broadcast("" + i);
            other.receives(BROADCAST.formatted(i));
        }
        client.takesAgain();
        for (int i = 0; i < 100; i++) {
            client.receives(BROADCAST.formatted(i));
        }
    }

    @Test
    void aClientThatTakesNothingFor10SecondsIsClosed() {
        client.stopsTaking();
        push("waits");
        server.sweep();
        server.passes(Duration.ofMillis(9_999));
        assertThat(client.closed()).isFalse();
        server.passes(Duration.ofMillis(1));
        client.isClosedWith(4408);
        assertThat(server.count(Counter.CLOSED_SLOW)).isEqualTo(1);
    }

    @Test
    void aClientThatTakesALittleIsNotStalled() {
        client.stopsTaking();
        for (int i = 0; i < 10; i++) {
            push("" + i);
        }
        server.sweep();
        for (int i = 0; i < 10; i++) {
            server.passes(Duration.ofSeconds(9));
            assertThat(client.closed())
                    .as("closed after %d messages were taken", i)
                    .isFalse();
            client.sends("[null,null,'phoenix','heartbeat',{}]");
            client.takes(1);
            server.sweep();
            client.receives(PUSHED.formatted(i));
        }
        client.isCareless();
    }

    @Test
    void aClientForWhichNothingWaitsIsNotStalled() {
        client.stopsTaking();
        push("a");
        server.sweep();
        client.takesAgain();
        client.receives(PUSHED.formatted("a"));
        server.passes(Duration.ofSeconds(9));
        client.stopsTaking();
        push("b");
        server.passes(Duration.ofSeconds(9));
        assertThat(client.closed()).as("closed 9 s after b began to wait").isFalse();
        server.passes(Duration.ofSeconds(9));
        server.passes(Duration.ofSeconds(1));
        client.isClosedWith(4408);
    }

    @Test
    void aReaderOfALongBurstIsNotClosedWhateverItsLag() {
        try (var roomy = new TestServer()) {
            roomy.serve("room:*", Channel.join(join -> Join.ok("a")).build());
            Client reader = roomy.connect();
            reader.joins("3", "room:42");
            reader.isCareless();
            reader.stopsTaking();
            String text = text(8 * KIB);
            for (int i = 0; i < 1_000; i++) {
                roomy.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text(text));
            }
            roomy.settle();
            roomy.sweep();
            for (int i = 0; i < 20; i++) {
                reader.takes(6);
                reader.takes(6);
                roomy.passes(Duration.ofSeconds(5));
                reader.pongs();
                assertThat(reader.closed()).as("closed after %d windows", i).isFalse();
            }
        }
    }

    @Test
    void aClientThatTakesAlmostNothingOfMuchIsClosed() {
        try (var roomy = new TestServer()) {
            roomy.serve("room:*", Channel.join(join -> Join.ok("a")).build());
            Client trickle = roomy.connect();
            trickle.joins("3", "room:42");
            trickle.isCareless();
            trickle.stopsTaking();
            for (int i = 0; i < 200; i++) {
                roomy.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text("x"));
                roomy.settle();
            }
            for (int i = 0; i < 300; i++) {
                roomy.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text(text(8 * KIB)));
            }
            roomy.settle();
            roomy.sweep();
            for (int i = 0; i < 5; i++) {
                assertThat(trickle.closed()).as("closed after %d s", i).isFalse();
                trickle.takes(1);
                roomy.passes(Duration.ofSeconds(1));
            }
            trickle.isClosedWith(4408);
        }
    }

    @Test
    void nothingIsQueuedForAClientThatIsGone() {
        client.stopsTaking();
        for (int i = 0; i < 200; i++) {
            push(text(KIB));
        }
        client.drops();
        push("late");
        assertThat(server.count(Counter.WRITES_AFTER_END)).isPositive();
        assertThat(server.loop().buffers()).isZero();
    }

    @Test
    void aSlowClientGetsNothingMoreInTheTurnThatFindsItSlow() {
        client.stopsTaking();
        Client other = member();
        String large = text(KIB * 64);
        for (int i = 0; i < 40; i++) {
            server.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text(large));
            members.getFirst().push(Chat.SAY, new Chat.Text(large));
        }
        client.isClosedWith(4408);
        for (int i = 0; i < 40; i++) {
            other.receives(BROADCAST.formatted(large));
        }
        assertThat(server.count(Counter.CLOSED_SLOW)).isEqualTo(1);
    }

    @Test
    void theBoundIsConfigured() {
        try (var narrow = new TestServer(Limits.openInternet()
                .memory(m -> m.maxConnectionBytes(100))
                .sessions(s -> s.stallTimeout(Duration.ofSeconds(1))))) {
            narrow.serve("room:*", Channel.join(join -> Join.ok("a")).build());
            Client slow = narrow.connect();
            slow.stopsTaking();
            slow.sends("[null,'1','phoenix','heartbeat',{}]", "[null,'2','phoenix','heartbeat',{}]");
            narrow.settle();
            assertThat(slow.closed()).isFalse();
            narrow.sweep();
            narrow.passes(Duration.ofSeconds(1));
            slow.isClosedWith(4408);
        }
    }

    @Test
    void aClientThatDoesNotReadRepliesIsNotReadEither() {
        client.stopsTaking();
        String beat = "[null,'%s','phoenix','heartbeat',{}]".formatted("r".repeat(200));
        for (int i = 0; i < 10_000; i++) {
            client.sends(beat);
        }
        server.settle();
        assertThat(client.isRead()).isFalse();
        assertThat(client.session().memory().held()).isLessThan(MIB / 2);
        client.takesAgain();
        server.await(() -> client.untaken() == 10_000, client::toString);
        assertThat(client.isRead()).isTrue();
        client.forgets();
    }
}
