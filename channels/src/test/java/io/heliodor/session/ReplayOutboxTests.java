package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.limit.Limits;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.LaneFigure;
import io.heliodor.session.telemetry.LaneTraffic;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Replays to clients that read slowly, or not at all. */
class ReplayOutboxTests {
    private static final String TEXT = "x".repeat(10_000);
    private static final int MAX = 2_000;

    @AutoClose
    private final TestServer server = new TestServer(Limits.openInternet().memory(m -> m.maxConnectionBytes(150_000)));

    private final AtomicInteger joined = new AtomicInteger();
    private final AtomicInteger left = new AtomicInteger();
    private String stream = "";

    @BeforeEach
    void serve() {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok("a"))
                        .onJoined(room -> joined.incrementAndGet())
                        .onLeave((_, _) -> left.incrementAndGet())
                        .history(
                                History.of(MAX, Duration.ofMinutes(5), Chat.SAY).maxBytes(1 << 30))
                        .build());
        Client client = server.connect();
        client.sends("['3','3','room:42','phx_join',{}]");
        stream = HistoryToken.stream(client.next());
        server.await(() -> joined.get() == 1, joined::toString);
        client.drops();
    }

    private void broadcast(int from, int to) {
        for (int i = from; i <= to; i++) {
            server.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text(i + TEXT));
        }
        server.settle();
    }

    private static String kept(int offset) {
        return "[null,'@%d','room:42','say',{'text':'%d%s'}]".formatted(offset, offset, TEXT);
    }

    /** Joins after an offset and returns the expected reply. */
    private String returns(Client client, int joinRef, int since, boolean recovered, int offset) {
        int before = joined.get();
        client.sends("['%1$d','%1$d','room:42','phx_join',{'since':'%2$s'}]"
                .formatted(joinRef, HistoryToken.of(stream, since)));
        server.await(() -> joined.get() > before, client::toString);
        server.settle();
        return """
                ["%1$d","%1$d","room:42","phx_reply",{"status":"ok","response":\
                {"history":{"token":"%2$s","recovered":%3$b}}}]""".formatted(joinRef, HistoryToken.of(stream, recovered ? since : offset), recovered);
    }

    @Test
    void aSlowReaderGetsAReplayOfMoreThanMayWaitAndNewMessagesAfterIt() {
        broadcast(1, 100);
        Client slow = server.connect();
        slow.stopsTaking();
        String reply = returns(slow, 3, 0, true, 100);
        server.sweep();
        broadcast(101, 105);
        for (int buffers = 0; buffers < 50; buffers++) {
            server.passes(Duration.ofSeconds(9));
            slow.sends("[null,null,'phoenix','heartbeat',{}]");
            slow.takes(1);
        }
        slow.receives(reply);
        for (int i = 1; i <= 49; i++) {
            slow.receives(kept(i));
        }
        assertThat(slow.received()).isEmpty();
        assertThat(slow.pending()).as("bytes that the socket was given").isLessThan(Client.HIGH_WATER + 20_000);
        slow.takesAgain();
        for (int i = 50; i <= 105; i++) {
            slow.receives(kept(i));
        }
        slow.isCareless();
        broadcast(106, 106);
        assertThat(slow.received()).contains(kept(106).replace('\'', '"'));
    }

    @Test
    void aClientThatReadsGetsTheWholeReplayAtOnce() {
        broadcast(1, 100);
        Client client = server.connect();
        client.receives(returns(client, 3, 1, true, 100));
        for (int i = 2; i <= 100; i++) {
            client.receives(kept(i));
        }
    }

    @Test
    void newMessagesAfterAReplayAreBoundedAsAlways() {
        broadcast(1, 100);
        Client slow = server.connect();
        slow.stopsTaking();
        returns(slow, 3, 0, true, 100);
        broadcast(101, 120);
        slow.isClosedWith(4408);
        assertThat(server.count(Counter.CLOSED_SLOW)).isEqualTo(1);
    }

    @Test
    void aClientThatNeverReadsItsReplayIsClosed() {
        broadcast(1, 100);
        Client slow = server.connect();
        slow.stopsTaking();
        returns(slow, 3, 0, true, 100);
        server.sweep();
        server.passes(Duration.ofMillis(9_999));
        assertThat(slow.closed()).isFalse();
        server.passes(Duration.ofMillis(1));
        slow.isClosedWith(4408);
        assertThat(server.count(Counter.CLOSED_SLOW)).isEqualTo(1);
    }

    @Test
    void nothingIsLeftOfAClientThatDisconnectsDuringAReplay() {
        broadcast(1, 100);
        Client slow = server.connect();
        slow.stopsTaking();
        returns(slow, 3, 0, true, 100);
        slow.takesUnnoticed(2);
        slow.forgets();
        slow.drops();
        broadcast(101, 101);
        assertThat(server.loop().buffers()).isZero();
    }

    @Test
    void aSecondReturnWithoutReadingIsRefused() {
        broadcast(1, 1_000);
        Client slow = server.connect();
        slow.stopsTaking();
        String first = returns(slow, 3, 0, true, 1_000);
        String _ = returns(slow, 4, 0, true, 1_000);
        assertThat(server.count(Counter.JOINS_UNREAD)).isEqualTo(1);
        assertThat(server.count(Counter.JOINS_REFUSED)).isEqualTo(1);
        slow.takesAgain();
        slow.receives(first);
        for (int i = 1; i <= 1_000; i++) {
            slow.receives(kept(i));
        }
        slow.receives(
                "['3','3','room:42','phx_close',{}]",
                "['4','4','room:42','phx_reply',{'status':'error','response':{'reason':'overloaded'}}]");
        server.await(
                () -> left.get() == 3,
                () -> "leave hooks of the first client, the accepted and the refused join, " + left);
        String third = returns(slow, 5, 998, true, 1_000);
        slow.receives(third, kept(999), kept(1_000));
    }

    @Test
    void severalTopicsMayBeReplayedAtOnce() {
        broadcast(1, 100);
        Client slow = server.connect();
        slow.stopsTaking();
        String first = returns(slow, 3, 98, true, 100);
        String second = returns(slow, 4, 98, true, 100);
        slow.takesAgain();
        slow.receives(first, kept(99), kept(100), "['3','3','room:42','phx_close',{}]");
        slow.receives(second, kept(99), kept(100));
    }

    @Test
    void theTrafficHasTheBytesOfRepeatedFrames() {
        broadcast(1, 3);
        Client client = server.connect();
        LaneTraffic traffic = client.session().lane().traffic();
        long frames = traffic.get(LaneFigure.FRAMES_OUT);
        long bytes = traffic.get(LaneFigure.BYTES_OUT);
        String reply = returns(client, 3, 0, true, 3);
        client.isCareless();
        long expected = reply.length();
        for (int i = 1; i <= 3; i++) {
            expected += kept(i).replace("@" + i, HistoryToken.of(stream, i)).length();
        }
        assertThat(traffic.get(LaneFigure.FRAMES_OUT) - frames).isEqualTo(4);
        assertThat(traffic.get(LaneFigure.BYTES_OUT) - bytes).isEqualTo(expected);
    }
}
