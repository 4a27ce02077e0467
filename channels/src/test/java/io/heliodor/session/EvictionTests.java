package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Channels;
import io.heliodor.channel.Join;
import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Event;
import io.heliodor.session.eviction.Acceptance;
import io.heliodor.session.eviction.Eviction;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.wire.V1Serializer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients that the application kicks, or removes from a topic. */
class EvictionTests {
    record Why(String reason) {}

    private static final Event<Why> KICKED = Event.of("kicked", Why.class);
    private static final String LAST = "[null,null,'phoenix','kicked',{'reason':'spam'}]";

    private final TestServer server = new TestServer();
    private final Gate gate = server.gate();
    private final Queue<String> left = new ConcurrentLinkedQueue<>();

    EvictionTests() {
        server.serve(
                        "room:*",
                        Channel.join(join -> Join.ok(join.topic()))
                                .on(Chat.SAY, (text, room) -> {
                                    if (text.text().equals("wait")) {
                                        gate.pass();
                                    }
                                    return room.broadcast(Chat.SAY, text);
                                })
                                .onLeave((why, room) -> left.add(room.topic() + " " + why))
                                .build())
                .serve(
                        "slow:*",
                        Channel.join(join -> {
                                    gate.pass();
                                    return Join.ok(join.topic());
                                })
                                .build());
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void aKickedClientGetsALastEventWhateverItHasJoined() {
        Client ana = server.connectAs("users:1");
        Client tab = server.connectAs("users:1");
        Client ben = server.connectAs("users:2");
        ana.joins("3", "room:1");
        ana.joins("4", "room:2");
        server.hub.channels().kick("users:1", KICKED, new Why("spam"));
        for (Client client : new Client[] {ana, tab}) {
            client.receives(LAST);
            client.isClosedWith(4403);
        }
        server.await(() -> left.size() == 2, left::toString);
        assertThat(left)
                .containsExactlyInAnyOrder("room:1 " + new LeaveReason.Closed(), "room:2 " + new LeaveReason.Closed());
        assertThat(server.count(Counter.CLOSED_KICKED)).isEqualTo(2);
        assertThat(ben.closed()).isFalse();
    }

    @Test
    void theLastEventComesAfterEarlierBroadcasts() {
        Client ana = server.connectAs("users:1");
        ana.joins("3", "room:1");
        server.hub.channels().broadcast("room:1", Chat.SAY, new Chat.Text("before"));
        server.hub.channels().kick("users:1", KICKED, new Why("spam"));
        ana.receives("[null,null,'room:1','say',{'text':'before'}]", LAST);
        ana.isClosedWith(4403);
    }

    @Test
    void aClientThatIsKickedWhileItIsAcceptedGetsTheEventWhenItOpens() {
        Acceptance before = server.hub.accept();
        server.hub.channels().disconnect("users:1");
        server.hub.channels().kick("users:1", KICKED, new Why("spam"));
        Client ana = server.connectAs("users:1", before);
        ana.receives(LAST);
        ana.isClosedWith(4403);
        Client again = server.connectAs("users:1", server.hub.accept());
        server.settle();
        assertThat(again.closed()).isFalse();
    }

    @Test
    void oneConnectionIsKickedByItsSocket() {
        Client ana = server.connectAs("users:1");
        Client tab = server.connectAs("users:1");
        ana.session().kick(KICKED, new Why("spam"));
        ana.receives(LAST);
        ana.isClosedWith(4403);
        assertThat(tab.closed()).isFalse();
    }

    @Test
    void aClientOfVersion1GetsTheEventInItsForm() {
        Client ana = server.connectTo(
                UserSocket.open()
                        .channel("room:*", Channel.join(join -> Join.ok("a")).build())
                        .build(),
                new V1Serializer());
        ana.session().kick(KICKED, new Why("spam"));
        ana.receives("{'topic':'phoenix','event':'kicked','payload':{'reason':'spam'},'ref':null}");
        ana.isClosedWith(4403);
    }

    @Test
    void aLastEventIsASmallJsonObject() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> server.hub.channels().kick("users:1", KICKED, new Why("x".repeat(1_000))))
                .withMessage("The payload of the last event 'kicked' has 1013 bytes; the maximum is 1000.");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> server.hub
                        .channels()
                        .kick("users:1", Event.of("kicked", ByteBuffer.class), ByteBuffer.allocate(1)))
                .withMessageContaining("'kicked' has bytes as its payload");
    }

    @Test
    void aRemovedClientGetsACloseAndKeepsItsOtherChannels() {
        Client ana = server.connectAs("users:1");
        Client ben = server.connectAs("users:2");
        ana.joins("3", "room:1");
        ana.joins("4", "room:2");
        ben.joins("3", "room:1");
        server.hub.channels().remove("users:1", "room:1");
        ana.receives("['3','3','room:1','phx_close',{}]");
        server.await(() -> left.contains("room:1 " + new LeaveReason.Removed()), left::toString);
        server.hub.channels().broadcast("room:1", Chat.SAY, new Chat.Text("one"));
        server.hub.channels().broadcast("room:2", Chat.SAY, new Chat.Text("two"));
        ana.receives("[null,null,'room:2','say',{'text':'two'}]");
        ben.receives("[null,null,'room:1','say',{'text':'one'}]");
        assertThat(server.count(Counter.CHANNELS)).isEqualTo(2);
        ana.sends("['3','9','room:1','say',{'text':'x'}]");
        ana.receives("[null,'9','room:1','phx_reply',{'status':'error','response':{'reason':'unmatched topic'}}]");
        ana.joins("7", "room:1");
        assertThat(left).hasSize(1);
    }

    @Test
    void aRemovedClientIsGoneAtOnceThoughItsHandlerRuns() {
        Client ana = server.connectAs("users:1");
        ana.joins("3", "room:1");
        ana.sends("['3','8','room:1','say',{'text':'wait'}]");
        server.awaitReached(gate);
        ana.session().remove("room:1");
        ana.session().remove("room:2");
        ana.receives("['3','3','room:1','phx_close',{}]");
        assertThat(left).isEmpty();
        gate.open();
        server.await(() -> left.contains("room:1 " + new LeaveReason.Removed()), left::toString);
    }

    /** The error ends the request, which phoenix.js would repeat; the close ends the channel. */
    @Test
    void aClientThatIsRemovedWhileItJoinsIsRefusedAndClosed() {
        Client ana = server.connectAs("users:1");
        ana.sends("['3','5','slow:1','phx_join',{}]");
        server.awaitReached(gate);
        server.hub.channels().remove("users:1", "slow:1");
        ana.receives(
                "['3','5','slow:1','phx_reply',{'status':'error','response':{'reason':'removed'}}]",
                "['3','3','slow:1','phx_close',{}]");
        gate.open();
        server.awaitCount(Counter.CHANNELS, 0);
        assertThat(server.count(Counter.JOINS_ACCEPTED)).isZero();
    }

    @Test
    void aChannelThatWasJoinedAfterALateRemovalStays() {
        Client ana = server.connectAs("users:1");
        ana.joins("3", "room:1");
        server.passes(Duration.ofSeconds(2));
        ana.joins("4", "room:2");
        long between = server.hub.nanos() - Duration.ofSeconds(1).toNanos();
        ana.session().evict(new Eviction.Removed("users:1", "room:2"), between);
        ana.session().evict(new Eviction.Removed("users:1", "room:1"), between);
        ana.receives("['3','3','room:1','phx_close',{}]");
        server.settle();
        assertThat(server.count(Counter.CHANNELS)).isEqualTo(1);
    }

    @Test
    void aRemovalFromAnInvalidTopicIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> server.hub.channels().remove("users:1", "room\n1"))
                .withMessageStartingWith("'room\\u000a1' is not a topic");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> server.connect().session().remove(""))
                .withMessageContaining("for example 'room:lobby'");
    }

    /** Nodes keep it for two minutes. */
    @Test
    void anIdThatNoConnectionCanHaveIsRefused() {
        Channels channels = server.hub.channels();
        String tooLong = "u".repeat(1_001);
        List<ThrowingCallable> calls = List.of(
                () -> channels.disconnect(tooLong),
                () -> channels.recheck(tooLong),
                () -> channels.remove(tooLong, "room:1"),
                () -> channels.kick(tooLong, KICKED, new Why("spam")),
                () -> channels.push(tooLong, KICKED, new Why("spam")));
        for (ThrowingCallable call : calls) {
            assertThatIllegalArgumentException().isThrownBy(call).withMessageContaining("at most 1000 bytes");
        }
    }

    @Test
    void endpointsOverOnePubSubEvictTogether() {
        try (var neighbour = new TestServer(server.pubsub)) {
            neighbour.serve("room:*", Channel.join(join -> Join.ok("a")).build());
            Client ana = neighbour.connectAs("users:1");
            ana.joins("3", "room:1");
            server.hub.channels().remove("users:1", "room:1");
            ana.receives("['3','3','room:1','phx_close',{}]");
            server.hub.channels().kick("users:1", KICKED, new Why("spam"));
            ana.receives(LAST);
            ana.isClosedWith(4403);
        }
    }
}
