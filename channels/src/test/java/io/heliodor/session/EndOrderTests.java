package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Reply;
import io.heliodor.limit.Limits;
import io.heliodor.observe.Observation;
import io.heliodor.observe.Observer;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The messages of a channel reach the client before its end, in a drain of the server and at a join over a live channel. */
class EndOrderTests {
    private static final String ADD = "['3','8','room:42','add',{'number':1}]";
    private static final String ADDED = "['3','8','room:42','phx_reply',{'status':'ok','response':{'number':2}}]";
    private static final String JOIN_AGAIN = "['4','4','room:42','phx_join',{}]";

    @AutoClose
    private final TestServer server = new TestServer(
            Limits.openInternet().sessions(s -> s.maxMailboxMessages(4).maxChannels(3)));

    private final Queue<String> handled = new ConcurrentLinkedQueue<>();
    private final Queue<String> observed = new ConcurrentLinkedQueue<>();
    private Gate gate;
    private Client client;

    @BeforeEach
    void join() {
        gate = server.gate();
        server.hub.observers().add((Observer) each -> {
            switch (each) {
                case Observation.Joined _, Observation.Left _, Observation.Disconnected _ ->
                    observed.add(each.getClass().getSimpleName());
                default -> {}
            }
        });
        server.serve(
                "room:*",
                Channel.join(join -> {
                            if (join.subtopic().equals("refused")) {
                                gate.pass();
                                return Join.refuse("no");
                            }
                            if (join.subtopic().equals("slow")) {
                                gate.passStubbornly();
                            }
                            return Join.ok(join.topic());
                        })
                        .on(Chat.SAY, (text, room) -> {
                            handled.add(text.text());
                            return NoReply.none();
                        })
                        .on(Chat.GO, (nothing, room) -> {
                            gate.passStubbornly();
                            handled.add("gate");
                            return NoReply.none();
                        })
                        .answer(Chat.ADD, (input, room) -> Reply.ok(new Chat.Amount(input.number() + 1)))
                        .answer(Chat.ASK, (text, room) -> Reply.ok(new Chat.Text("x".repeat(100_000))))
                        .onLeave((why, room) -> handled.add(why.getClass().getSimpleName()))
                        .build());
        client = server.connectAs("users:1");
    }

    private void drains() {
        server.loop().perform(() -> client.session().closing().drain());
    }

    private static String say(String joinRef, String text) {
        return "['" + joinRef + "',null,'room:42','say',{'text':'" + text + "'}]";
    }

    /** The handler has returned, and its reply is in the queue of the lane. */
    private void addsWithoutATurn() {
        client.joins("3", "room:42");
        client.sends(ADD);
        server.loop().turn();
        var mailbox = client.session().table().find("room:42").mailbox();
        while (mailbox.idleRuns() < 0) {
            Thread.onSpinWait();
        }
        assertThat(client.received()).isEmpty();
    }

    @Test
    void aReplyThatIsOnItsWayPrecedesTheEndOfADrain() {
        addsWithoutATurn();
        client.session().closing().drain();
        client.receives(ADDED);
        client.isClosedWith(1001);
    }

    /** Its mailbox is full, so the transport holds the rest until the handler goes on. */
    @Test
    void aFaultAmongWhatWasReadBeforeADrainIsClosedAfterTheReplies() {
        client.joins("3", "room:42");
        client.sends("['3',null,'room:42','go',{}]");
        server.awaitReached(gate);
        client.sends(say("3", "1"), say("3", "2"), say("3", "3"), say("3", "4"), say("3", "5"));
        assertThat(client.isRead()).isFalse();
        client.sends(ADD);
        client.sends(new byte[] {'[', '"', (byte) 0xc3});
        drains();
        assertThat(client.closed()).isFalse();
        gate.open();
        client.isClosedWith(1007);
        assertThat(client.untaken()).isOne();
        client.receives(ADDED);
    }

    @Test
    void aReplyThatIsOnItsWayPrecedesAJoinOverItsChannel() {
        addsWithoutATurn();
        client.sends(JOIN_AGAIN);
        client.receives(
                ADDED,
                "['3','3','room:42','phx_close',{}]",
                "['4','4','room:42','phx_reply',{'status':'ok','response':{}}]");
    }

    @Test
    void aDrainAwaitsAClientThatTakesItsRepliesSlowly() {
        client.joins("3", "room:42");
        client.stopsTaking();
        client.sends(ask("8"), ask("9"));
        drains();
        awaitTwoReplies();
        server.passes(Duration.ofMillis(1_900));
        assertThat(client.closed()).isFalse();
        client.takesAgain();
        client.receives(answer("8"), answer("9"));
        client.isClosedWith(1001);
    }

    private void awaitTwoReplies() {
        server.await(
                () -> client.session().outbox().bytes() > 200_000
                        && !client.session().table().isDraining(),
                () -> "two replies that wait");
        server.settle();
    }

    private static String ask(String ref) {
        return "['3','" + ref + "','room:42','ask',{'text':'a'}]";
    }

    private static String answer(String ref) {
        return "['3','" + ref + "','room:42','phx_reply',{'status':'ok','response':{'text':'" + "x".repeat(100_000)
                + "'}}]";
    }

    @Test
    void aClientThatTakesNothingDelaysADrainForTwoSeconds() {
        client.joins("3", "room:42");
        client.isCareless();
        client.stopsTaking();
        client.sends(ask("8"), ask("9"));
        drains();
        awaitTwoReplies();
        server.passes(Duration.ofMillis(1_900));
        assertThat(client.closed()).isFalse();
        server.passes(Duration.ofMillis(200));
        client.isClosedWith(1001);
    }

    @Test
    void aJoinThatIsRefusedDuringADrainGetsItsReply() {
        client.sends("['5','5','room:refused','phx_join',{}]");
        server.awaitReached(gate);
        drains();
        gate.open();
        client.receives("['5','5','room:refused','phx_reply',{'status':'error','response':{'reason':'no'}}]");
        client.isClosedWith(1001);
    }

    @Test
    void aDrainAwaitsMessagesThatAreHeldBehindAReplacedChannel() {
        client.joins("3", "room:42");
        client.sends("['3',null,'room:42','go',{}]");
        server.awaitReached(gate);
        client.sends(JOIN_AGAIN);
        client.sends(IntStream.range(0, 20).mapToObj(i -> say("4", "" + i)).toArray(String[]::new));
        assertThat(client.unread()).as("messages that are held").isPositive();
        drains();
        gate.open();
        client.receives(
                "['3','3','room:42','phx_close',{}]", "['4','4','room:42','phx_reply',{'status':'ok','response':{}}]");
        client.isClosedWith(1001);
        server.await(() -> handled.contains("Draining"), handled::toString);
        assertThat(handled)
                .containsSubsequence(
                        IntStream.range(0, 20).mapToObj(i -> "" + i).toArray(String[]::new));
    }

    @Test
    void sweepsLeaveADrainItsTime() {
        client.joins("3", "room:42");
        client.sends("['3',null,'room:42','go',{}]", say("3", "a"));
        server.awaitReached(gate);
        drains();
        server.passes(Duration.ofSeconds(9));
        assertThat(gate.interrupted()).isFalse();
        gate.open();
        client.isClosedWith(1001);
        server.await(() -> handled.contains("Draining"), handled::toString);
        assertThat(handled).containsExactly("gate", "a", "Draining");
    }

    @Test
    void aConnectionThatHasEndedIsNotOverBeforeItsMessagesAreHandled() {
        client.joins("3", "room:42");
        client.sends("['3',null,'room:42','go',{}]", say("3", "a"));
        server.awaitReached(gate);
        client.drops();
        assertThat(client.session().closing().isOver()).isFalse();
        server.loop().perform(() -> client.session().closing().endDrain());
        assertThat(client.session().closing().isOver()).isTrue();
        server.await(gate::interrupted, () -> "an interrupt");
    }

    @Test
    void theRequestOfAReplacedJoinIsAnsweredWhenItsMessagesAreDropped() {
        client.sends("['5','5','room:slow','phx_join',{}]", "['5',null,'room:slow','say',{'text':'a'}]");
        server.awaitReached(gate);
        client.sends("['6','6','room:slow','phx_join',{}]");
        server.passes(Duration.ofSeconds(5));
        client.receives("['5','5','room:slow','phx_reply',{'status':'error','response':{'reason':'replaced'}}]");
        gate.open();
        client.receives("['6','6','room:slow','phx_reply',{'status':'ok','response':{}}]");
    }

    @Test
    void aHandlerOfAReplacedChannelOverItsTimeoutTakesItsMessagesAlong() {
        try (TestServer another = new TestServer()) {
            another.serve(
                    "room:*",
                    Channel.join(join -> Join.ok(join.topic()))
                            .handlerTimeout(Duration.ofSeconds(2))
                            .on(Chat.SAY, (text, room) -> {
                                handled.add(text.text());
                                try {
                                    gate.pass();
                                } catch (InterruptedException e) {
                                    handled.add("interrupted");
                                }
                                return NoReply.none();
                            })
                            .build());
            Client timed = another.connect();
            timed.joins("3", "room:42");
            timed.sends(say("3", "a"), say("3", "b"));
            another.awaitReached(gate);
            another.sweep();
            timed.sends(JOIN_AGAIN);
            another.passes(Duration.ofSeconds(2));
            timed.receives(
                    "['3','3','room:42','phx_close',{}]",
                    "['4','4','room:42','phx_reply',{'status':'ok','response':{}}]");
            another.await(() -> handled.contains("interrupted"), handled::toString);
            another.settle();
            assertThat(handled).containsExactly("a", "interrupted");
        }
    }

    @Test
    void observersSeeTheEndOfAChannelBeforeTheJoinOfTheNext() {
        client.joins("3", "room:42");
        client.sends("['3',null,'room:42','go',{}]");
        server.awaitReached(gate);
        client.sends(JOIN_AGAIN);
        gate.open();
        client.receives(
                "['3','3','room:42','phx_close',{}]", "['4','4','room:42','phx_reply',{'status':'ok','response':{}}]");
        client.drops();
        server.await(() -> observed.contains("Disconnected"), observed::toString);
        assertThat(observed).containsExactly("Joined", "Left", "Joined", "Left", "Disconnected");
    }

    @Test
    void observersSeeTheEndsOfChannelsBeforeThatOfTheirConnection() {
        client.joins("3", "room:42");
        client.sends("['3',null,'room:42','go',{}]");
        server.awaitReached(gate);
        client.drops();
        server.await(() -> observed.contains("Disconnected"), observed::toString);
        assertThat(observed).containsExactly("Joined", "Left", "Disconnected");
        gate.open();
    }
}
