package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Reply;
import io.heliodor.event.Empty;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.presence.Presence;
import io.heliodor.session.telemetry.Counter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Messages that cannot be written: their clients are closed, and all others go on. */
class FailedWriteTests {
    @AutoClose
    private final TestServer server = new TestServer();

    private final Presence<String> presence = Presence.over(server.pubsub, String.class);
    private final Map<String, Context<?, Empty>> rooms = new ConcurrentHashMap<>();

    @BeforeEach
    void serve() {
        server.serve(
                "room:*", room().onJoined(room -> rooms.put(room.topic(), room)).build());
        server.serve(
                "seen:*",
                room().onJoined(room -> presence.track(room, "ann", "web")).build());
        server.serve(
                "kept:*",
                room().history(History.of(10, Duration.ofMinutes(1), Chat.SAY)).build());
    }

    private Channel.Builder<Object, Empty> room() {
        return Channel.join(join -> Join.ok(Empty.EMPTY))
                .on(Chat.GO, (nothing, room) -> NoReply.none())
                .answer(Chat.PING, (nothing, room) -> Reply.ok());
    }

    private Client joined(String topic) {
        Client client = server.connect();
        client.joins("1", topic);
        // Its onJoined may run after the reply.
        server.await(() -> rooms.containsKey(topic), () -> "a context of " + topic);
        return client;
    }

    /** Returns a client whose presence is shown. */
    private Client seen() {
        Client client = server.connect();
        client.isCareless();
        client.sends("['1','1','seen:1','phx_join',{}]");
        server.await(() -> client.untaken() == 3, client::toString);
        return client;
    }

    private void noClientIsPresent() {
        server.await(() -> presence.count("seen:1") == 0, () -> "no presence");
        server.await(() -> server.hub.topics() == 0, () -> "no topic");
    }

    /** The buffer with this number, counted from now, cannot be allocated. */
    private void failsAtBuffer(int number) {
        var count = new AtomicInteger();
        server.loop().failsToAllocate(() -> count.incrementAndGet() == number);
    }

    private void say(String topic, String text) {
        server.hub.channels().broadcast(topic, Chat.SAY, new Chat.Text(text));
    }

    private static String sayOf(String topic, String text) {
        return "[null,null,'%s','say',{'text':'%s'}]".formatted(topic, text);
    }

    @Test
    void membersThatMissABroadcastAreClosedAndOtherTopicsOfTheTurnGetTheirs() {
        Client ann = joined("room:1");
        Client bob = joined("room:1");
        Client eve = joined("room:2");
        Client joe = joined("room:2");
        failsAtBuffer(1);
        say("room:1", "lost");
        say("room:2", "heard");
        eve.receives(sayOf("room:2", "heard"));
        joe.receives(sayOf("room:2", "heard"));
        ann.isClosedWith(1013);
        bob.isClosedWith(1013);
        assertThat(server.count(Counter.CLOSED_OVERLOADED)).isEqualTo(2);
    }

    @Test
    void nothingFollowsAMessageThatWasLost() {
        Client ann = joined("room:1");
        joined("room:1").isCareless();
        failsAtBuffer(1);
        server.loop().perform(() -> {
            say("room:1", "lost");
            rooms.get("room:1").push(Chat.SAY, new Chat.Text("later"));
            say("room:1", "last");
        });
        ann.isClosedWith(1013);
        assertThat(ann.received()).isEmpty();
    }

    @Test
    void aMessageForOneClientThatIsLostEndsNoOtherWorkOfTheTurn() {
        Client ann = joined("room:1");
        Client bob = joined("room:2");
        failsAtBuffer(1);
        server.loop().perform(() -> {
            rooms.get("room:1").push(Chat.SAY, new Chat.Text("lost"));
            rooms.get("room:2").push(Chat.SAY, new Chat.Text("heard"));
        });
        bob.receives("['1',null,'room:2','say',{'text':'heard'}]");
        ann.isClosedWith(1013);
    }

    @Test
    void aReplyToAHeartbeatThatIsLostClosesItsConnection() {
        Client ann = joined("room:1");
        failsAtBuffer(1);
        ann.sends("[null,'2','phoenix','heartbeat',{}]");
        ann.isClosedWith(1013);
    }

    @Test
    void aChannelWhoseLastMessageIsLostHasLeft() {
        Client ann = seen();
        failsAtBuffer(1);
        ann.sends("['1','2','seen:1','phx_leave',{}]");
        ann.isClosedWith(1013);
        noClientIsPresent();
    }

    @Test
    void aReplyToAJoinThatIsLostLeavesNoMember() {
        failsAtBuffer(1);
        Client ann = server.connect();
        ann.sends("['1','1','seen:1','phx_join',{}]");
        ann.isClosedWith(1013);
        noClientIsPresent();
    }

    @Test
    void aReplayThatIsLostInPartGivesAllItsMessagesBack() {
        Client ann = server.connect();
        ann.isCareless();
        ann.sends("['1','1','kept:1','phx_join',{}]");
        server.await(() -> ann.untaken() == 1, ann::toString);
        for (int i = 1; i <= 5; i++) {
            say("kept:1", "" + i);
        }
        server.settle();
        Client bob = server.connect();
        failsAtBuffer(4);
        String stream = HistoryToken.stream(ann.received().getFirst());
        bob.isCareless();
        bob.sends("['1','1','kept:1','phx_join',{'since':'%s'}]".formatted(HistoryToken.of(stream, 0)));
        bob.isClosedWith(1013);
    }

    @Test
    void anotherFaultOfAWriteClosesItsConnectionWith1011() {
        Client ann = joined("room:1");
        ann.failsToWrite(new IllegalStateException("on purpose"));
        say("room:1", "lost");
        ann.isClosedWith(1011);
        assertThat(server.count(Counter.CLOSED_FAULT)).isEqualTo(1);
    }

    @Test
    void theLinesOfManyClosedClientsAreLimited() {
        for (int i = 0; i < 100; i++) {
            joined("room:1").isCareless();
        }
        failsAtBuffer(1);
        say("room:1", "lost");
        server.awaitCount(Counter.CLOSED_OVERLOADED, 100);
        assertThat(RecordedLog.linesAbout("1013")).hasSize(20);
    }
}
