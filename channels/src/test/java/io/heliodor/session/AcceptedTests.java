package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Reply;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.limit.Limits;
import io.heliodor.session.telemetry.Counter;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** Messages that were read before their channel or connection ends are handled, in order and before the leave hooks. */
class AcceptedTests {
    @AutoClose
    private final TestServer server = new TestServer(
            Limits.openInternet().sessions(s -> s.maxMailboxMessages(4).maxChannels(3)));

    private final Queue<String> handled = new ConcurrentLinkedQueue<>();
    private Gate gate;
    private Client client;

    @BeforeEach
    void join() {
        gate = server.gate();
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(join.topic()))
                        .on(Chat.SAY, (text, room) -> {
                            handled.add(text.text());
                            return NoReply.none();
                        })
                        .on(Chat.GO, (nothing, room) -> {
                            gate.pass();
                            handled.add("gate");
                            return NoReply.none();
                        })
                        .answer(Chat.ADD, (input, room) -> Reply.ok(new Chat.Amount(input.number() + 1)))
                        .onLeave((why, room) -> handled.add(why.getClass().getSimpleName()))
                        .build());
        client = server.connectAs("users:1");
        client.joins("3", "room:42");
    }

    private static String say(String text) {
        return "['3',null,'room:42','say',{'text':'" + text + "'}]";
    }

    private void blocks() {
        client.sends("['3',null,'room:42','go',{}]");
        server.awaitReached(gate);
    }

    private void handles(String... expected) {
        server.await(() -> handled.size() >= expected.length, handled::toString);
        server.settle();
        assertThat(handled).containsExactly(expected);
    }

    @Test
    void messagesBeforeTheEndOfAConnectionAreHandledBeforeItsLeaveHooks() {
        blocks();
        client.sends(say("a"), say("b"));
        client.drops();
        assertThat(server.count(Counter.CONNECTIONS))
                .as("connections that count")
                .isEqualTo(1);
        assertThat(server.hub.channels().localConnections("users:1"))
                .as("connections that are open")
                .isEmpty();
        gate.open();
        handles("gate", "a", "b", "Disconnected");
        server.await(client::isFinished, () -> "the end of the session");
        assertThat(server.count(Counter.CONNECTIONS)).isZero();
        assertThat(server.count(Counter.MESSAGES_DISCARDED)).isZero();
    }

    @Test
    void messagesThatWereReadAndNotDecodedAreHandledToo() {
        blocks();
        client.sends(IntStream.range(0, 20).mapToObj(i -> say("" + i)).toArray(String[]::new));
        assertThat(client.unread()).as("messages that are held").isPositive();
        client.drops();
        gate.open();
        server.await(() -> handled.contains("Disconnected"), handled::toString);
        assertThat(handled).hasSize(22).last().isEqualTo("Disconnected");
        assertThat(handled).containsSubsequence("gate", "0", "9", "19");
    }

    @Test
    void aCloseByTheServerForAFaultOfTheClientHandlesWhatCameBefore() {
        blocks();
        client.sends(say("a"));
        client.sends(new byte[] {(byte) 0xff});
        gate.open();
        handles("gate", "a", "Closed");
        client.isClosedWith(1007);
    }

    @Test
    void whatIsNotHandledWithinFiveSecondsIsDroppedCountedAndLoggedOnce() {
        blocks();
        client.sends(say("a"), say("b"));
        client.drops();
        server.passes(Duration.ofMillis(4_900));
        assertThat(gate.interrupted()).isFalse();
        server.passes(Duration.ofMillis(200));
        server.await(gate::interrupted, () -> "an interrupt");
        handles("Disconnected");
        assertThat(server.count(Counter.MESSAGES_DISCARDED)).isEqualTo(2);
        assertThat(server.count(Counter.CHANNELS_FAILED)).isZero();
        assertThat(client.isFinished()).isTrue();
        assertThat(RecordedLog.lines(
                        Level.WARN, "Client users:1 ended its connection PT5S ago: 2 messages that waited and 0 bytes"))
                .hasSize(1);
    }

    @Test
    void heldMessagesAreDroppedFiveSecondsAfterTheEndOfTheConnectionToo() {
        blocks();
        client.sends(IntStream.range(0, 20).mapToObj(i -> say("" + i)).toArray(String[]::new));
        client.drops();
        server.passes(Duration.ofMillis(4_900));
        assertThat(gate.interrupted()).isFalse();
        server.passes(Duration.ofMillis(200));
        server.await(gate::interrupted, () -> "an interrupt");
        handles("Disconnected");
        assertThat(client.isFinished()).isTrue();
        assertThat(RecordedLog.lines(Level.WARN, "Client users:1 ended its connection PT5S ago"))
                .singleElement()
                .satisfies(line -> assertThat(line.text()).contains("4 messages that waited and 0 bytes"));
    }

    @Test
    void anEndedConnectionFreesItsPlaceThoughItsHandlerIgnoresTheInterrupt() {
        Gate stubborn = server.gate();
        try (var another = new TestServer()) {
            another.serve(
                    "room:*",
                    Channel.join(join -> Join.ok("a"))
                            .on(Chat.GO, (nothing, room) -> {
                                stubborn.passStubbornly();
                                return NoReply.none();
                            })
                            .build());
            Client one = another.connect();
            one.joins("3", "room:42");
            one.sends("['3',null,'room:42','go',{}]");
            another.awaitReached(stubborn);
            one.drops();
            another.passes(Duration.ofSeconds(5));
            assertThat(one.isFinished()).isTrue();
            assertThat(another.count(Counter.CONNECTIONS)).isZero();
            stubborn.open();
        }
    }

    @Test
    void aKickDiscardsWhatWaitsAlsoOfAConnectionThatHasEnded() {
        Client second = server.connectAs("users:1");
        second.joins("3", "room:42");
        blocks();
        client.sends(say("a"));
        client.drops();
        server.hub.channels().kick("users:1", Chat.SAY, new Chat.Text("bye"));
        server.await(() -> server.count(Counter.MESSAGES_DISCARDED) == 1, handled::toString);
        second.isCareless();
        second.isClosedWith(4403);
        assertThat(gate.interrupted()).isFalse();
        gate.open();
        server.await(() -> handled.size() == 3, handled::toString);
        assertThat(handled).containsExactlyInAnyOrder("gate", "Disconnected", "Closed");
    }

    @Test
    void aRemovalDiscardsWhatWaitsOfAConnectionThatHasEnded() {
        blocks();
        client.sends(say("a"));
        client.drops();
        server.hub.channels().remove("users:1", "room:42");
        server.await(() -> server.count(Counter.MESSAGES_DISCARDED) == 1, handled::toString);
        gate.open();
        handles("gate", "Disconnected");
    }

    @Test
    void aHandlerThatFailsDiscardsWhatWaits() {
        try (var another = new TestServer()) {
            Gate crash = another.gate();
            another.serve(
                    "room:*",
                    Channel.join(join -> Join.ok("a"))
                            .on(Chat.GO, (nothing, room) -> {
                                crash.pass();
                                throw new IllegalStateException("on purpose");
                            })
                            .on(Chat.SAY, (text, room) -> {
                                handled.add(text.text());
                                return NoReply.none();
                            })
                            .onLeave((why, room) -> handled.add(why.getClass().getSimpleName()))
                            .build());
            Client one = another.connect();
            one.joins("3", "room:42");
            one.sends("['3',null,'room:42','go',{}]", say("a"));
            another.awaitReached(crash);
            one.drops();
            crash.open();
            another.await(() -> !handled.isEmpty(), handled::toString);
            assertThat(handled).containsExactly("Disconnected");
            another.awaitCount(Counter.MESSAGES_DISCARDED, 1);
        }
    }

    @Test
    void aJoinOverALiveChannelComesAfterTheMessagesOfTheOld() {
        blocks();
        client.sends(
                say("a"),
                "['3','9','room:42','add',{'number':1}]",
                "['4','4','room:42','phx_join',{}]",
                "['4','10','room:42','add',{'number':2}]");
        server.settle();
        assertThat(client.received()).isEmpty();
        gate.open();
        client.receives(
                "['3','9','room:42','phx_reply',{'status':'ok','response':{'number':2}}]",
                "['3','3','room:42','phx_close',{}]",
                "['4','4','room:42','phx_reply',{'status':'ok','response':{}}]",
                "['4','10','room:42','phx_reply',{'status':'ok','response':{'number':3}}]");
        handles("gate", "a", "Replaced");
    }

    @Test
    void aLeaveAndAJoinComeAfterTheMessagesBefore() {
        blocks();
        client.sends(say("a"), "['3','9','room:42','phx_leave',{}]", "['4','4','room:42','phx_join',{}]", say("stale"));
        gate.open();
        client.receives(
                "['3','9','room:42','phx_reply',{'status':'ok','response':{}}]",
                "['3','3','room:42','phx_close',{}]",
                "['4','4','room:42','phx_reply',{'status':'ok','response':{}}]");
        handles("gate", "a", "Left");
    }

    @Test
    void aJoinMessagesALeaveAndAJoinInOnePacketAreAllHandled() {
        client.sends(
                "['5','5','room:43','phx_join',{}]",
                "['5',null,'room:43','say',{'text':'a'}]",
                "['5','6','room:43','phx_leave',{}]",
                "['7','7','room:43','phx_join',{}]",
                "['7',null,'room:43','say',{'text':'b'}]",
                "['8','8','room:43','phx_join',{}]");
        client.receives(
                "['5','5','room:43','phx_reply',{'status':'ok','response':{}}]",
                "['5','6','room:43','phx_reply',{'status':'ok','response':{}}]",
                "['5','5','room:43','phx_close',{}]",
                "['7','7','room:43','phx_reply',{'status':'ok','response':{}}]",
                "['7','7','room:43','phx_close',{}]",
                "['8','8','room:43','phx_reply',{'status':'ok','response':{}}]");
        server.await(() -> handled.size() == 4, handled::toString);
        assertThat(handled).containsSubsequence("a", "Left").containsSubsequence("b", "Replaced");
    }

    @Test
    void aReplacedHandlerIsInterruptedAfterFiveSecondsAndTheNewJoinGoesOn() {
        blocks();
        client.sends("['3','9','room:42','add',{'number':1}]", "['4','4','room:42','phx_join',{}]");
        server.passes(Duration.ofMillis(4_900));
        assertThat(client.received()).isEmpty();
        server.passes(Duration.ofMillis(200));
        client.receives(
                "['3','3','room:42','phx_close',{}]",
                "[null,'9','room:42','phx_reply',{'status':'error','response':{'reason':'unmatched topic'}}]",
                "['4','4','room:42','phx_reply',{'status':'ok','response':{}}]");
        server.await(gate::interrupted, () -> "an interrupt");
        handles("Replaced");
    }

    @Test
    void aConnectionThatEndsWhileAJoinWaitsHandlesTheMessagesOfBoth() {
        blocks();
        client.sends(say("a"), "['4','4','room:42','phx_join',{}]", "['4',null,'room:42','say',{'text':'b'}]");
        client.drops();
        gate.open();
        server.await(() -> handled.size() == 5, handled::toString);
        assertThat(handled)
                .containsSubsequence("gate", "a", "b", "Disconnected")
                .contains("Replaced");
        server.await(client::isFinished, () -> "the end of the session");
    }

    @Test
    void aDrainHandlesAndRepliesBeforeItCloses() {
        blocks();
        client.sends(say("a"), "['3','9','room:42','add',{'number':1}]");
        server.loop().perform(() -> client.session().closing().drain());
        client.sends(say("too late"));
        assertThat(client.closed()).isFalse();
        gate.open();
        client.receives("['3','9','room:42','phx_reply',{'status':'ok','response':{'number':2}}]");
        client.isClosedWith(1001);
        handles("gate", "a", "Draining");
    }

    @Test
    void aDrainHandlesMessagesThatWereReadAndNotDecoded() {
        blocks();
        client.sends(IntStream.range(0, 20).mapToObj(i -> say("" + i)).toArray(String[]::new));
        server.loop().perform(() -> client.session().closing().drain());
        gate.open();
        client.isClosedWith(1001);
        server.await(() -> handled.contains("Draining"), handled::toString);
        assertThat(handled).hasSize(22);
    }

    @Test
    void aDrainClosesAnIdleConnectionNow() {
        server.loop().perform(() -> client.session().closing().drain());
        client.isClosedWith(1001);
        handles("Draining");
        assertThat(server.count(Counter.CLOSED_DRAINING)).isEqualTo(1);
    }

    @Test
    void theEndOfADrainInterruptsAndDropsTheRest() {
        blocks();
        client.sends(say("a"));
        server.loop().perform(() -> client.session().closing().drain());
        server.loop().perform(() -> client.session().closing().endDrain());
        client.isClosedWith(1001);
        server.await(gate::interrupted, () -> "an interrupt");
        handles("Draining");
        assertThat(server.count(Counter.MESSAGES_DISCARDED)).isEqualTo(1);
    }

    @Test
    void aClientThatDisconnectsDuringItsDrainLosesNothing() {
        blocks();
        client.sends(say("a"));
        server.loop().perform(() -> client.session().closing().drain());
        client.drops();
        gate.open();
        handles("gate", "a", "Draining");
        server.await(client::isFinished, () -> "the end of the session");
    }

    @Test
    void memoryThatIsShortIsTakenFromEndedConnectionsFirst() {
        blocks();
        client.sends(say("a"));
        client.drops();
        server.hub.memory().add(server.hub.memory().limit());
        Client open = server.connect();
        server.sweep();
        server.passes(Duration.ofSeconds(2));
        server.hub.memory().add(-server.hub.memory().limit());
        assertThat(open.closed()).isFalse();
        server.await(gate::interrupted, () -> "an interrupt");
        handles("Disconnected");
        assertThat(server.count(Counter.MESSAGES_DISCARDED)).isEqualTo(1);
    }

    @Test
    void aCloseOfTheServerForIdlenessHandlesWhatWaits() {
        blocks();
        client.sends(say("a"));
        server.loop().perform(() -> client.session().close(SessionEnd.SLOW));
        client.isClosedWith(4408);
        gate.open();
        handles("gate", "a", "Closed");
    }
}
