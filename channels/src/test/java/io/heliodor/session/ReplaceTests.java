package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.EventHandler;
import io.heliodor.channel.Join;
import io.heliodor.channel.JoinHandler;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Reply;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.limit.Limits;
import io.heliodor.session.telemetry.Counter;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** A client that joins a topic twice. */
class ReplaceTests {
    @AutoClose
    private final TestServer server = new TestServer(Limits.openInternet().sessions(s -> s.maxChannels(3)));

    private final Queue<Integer> entered = new ConcurrentLinkedQueue<>();
    private final Queue<String> left = new ConcurrentLinkedQueue<>();

    /** Each joined channel has a number, from 1. */
    private Client serve(EventHandler<Object, Integer, Chat.Text> handler) {
        var joins = new AtomicInteger();
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(joins.incrementAndGet()))
                        .on(Chat.SAY, handler)
                        .answer(Chat.ADD, (input, room) -> Reply.ok(new Chat.Amount(room.assigns())))
                        .onLeave((why, room) -> left.add(room.assigns() + " " + why))
                        .build());
        return server.connect();
    }

    @Test
    void theNewJoinWaitsFiveSecondsForAHandlerThatBlocks() {
        Gate gate = server.gate();
        Client client = serve((text, room) -> {
            gate.passStubbornly();
            room.push(Chat.SAY, new Chat.Text("too late"));
            return Reply.error("too late");
        });
        client.joins("3", "room:42");
        client.sends("['3','8','room:42','say',{'text':'x'}]");
        server.awaitReached(gate);
        client.sends("['4','4','room:42','phx_join',{}]", "['4','9','room:42','add',{'number':0}]");
        server.settle();
        assertThat(client.received()).isEmpty();
        server.passes(Duration.ofSeconds(5));
        client.receives(
                "['3','3','room:42','phx_close',{}]",
                "['4','4','room:42','phx_reply',{'status':'ok','response':{}}]",
                "['4','9','room:42','phx_reply',{'status':'ok','response':{'number':2}}]");
        server.await(gate::interrupted, () -> "the old handler is interrupted");
        assertThat(left).isEmpty();

        gate.open();
        server.await(() -> !left.isEmpty(), () -> "the old leave hook");
        assertThat(left).containsExactly("1 Replaced[]");
        server.awaitCount(Counter.WRITES_AFTER_END, 2);
    }

    @Test
    void aHandlerThatTheInterruptEndsIsNotAFailure() {
        Gate gate = server.gate();
        Client client = serve((text, room) -> {
            gate.pass();
            return NoReply.none();
        });
        client.joins("3", "room:replaced");
        client.sends("['3','8','room:replaced','say',{'text':'x'}]");
        server.awaitReached(gate);
        client.sends("['4','4','room:replaced','phx_join',{}]");
        server.passes(Duration.ofSeconds(5));
        client.receives(
                "['3','3','room:replaced','phx_close',{}]",
                "['4','4','room:replaced','phx_reply',{'status':'ok','response':{}}]");
        server.await(() -> !left.isEmpty(), () -> "the old leave hook");
        assertThat(left).containsExactly("1 Replaced[]");
        assertThat(server.count(Counter.CHANNELS_FAILED)).isZero();
        assertThat(RecordedLog.lines(Level.ERROR, "")).isEmpty();
    }

    @Test
    void aLeaveHookRunsWithoutTheInterruptOfItsHandler() {
        Gate gate = server.gate();
        var interrupted = new ConcurrentLinkedQueue<Boolean>();
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok("a"))
                        .on(Chat.GO, (nothing, room) -> {
                            gate.passStubbornly();
                            Thread.currentThread().interrupt();
                            return NoReply.none();
                        })
                        .onLeave((why, room) ->
                                interrupted.add(Thread.currentThread().isInterrupted()))
                        .build());
        Client client = server.connect();
        client.joins("3", "room:42");
        client.sends("['3','8','room:42','go',{}]");
        server.awaitReached(gate);
        client.sends("['4','4','room:42','phx_join',{}]");
        server.passes(Duration.ofSeconds(5));
        client.receives(
                "['3','3','room:42','phx_close',{}]", "['4','4','room:42','phx_reply',{'status':'ok','response':{}}]");
        gate.open();
        server.await(() -> !interrupted.isEmpty(), () -> "the leave hook");
        assertThat(interrupted).containsExactly(false);
    }

    @Test
    void messagesThatWaitForTheOldChannelForTooLongAreAnsweredAsUnmatched() {
        Gate gate = server.gate();
        Client client = serve((text, room) -> {
            gate.passStubbornly();
            return NoReply.none();
        });
        client.joins("3", "room:42");
        client.sends("['3','8','room:42','say',{'text':'x'}]");
        server.awaitReached(gate);
        client.sends(
                "['3','9','room:42','add',{'number':0}]",
                "['3','10','room:42','phx_leave',{}]",
                "['4','4','room:42','phx_join',{}]");
        server.passes(Duration.ofSeconds(5));
        client.receives(
                "['3','3','room:42','phx_close',{}]",
                "[null,'9','room:42','phx_reply',{'status':'error','response':{'reason':'unmatched topic'}}]",
                "['3','10','room:42','phx_reply',{'status':'ok','response':{}}]",
                "['4','4','room:42','phx_reply',{'status':'ok','response':{}}]");
    }

    /** Returns a client whose first join waits at the gate; the test sets its outcome. */
    private Client serveSlowly(Gate gate, JoinHandler<Object, Integer> first) {
        var joins = new AtomicInteger();
        server.serve(
                "room:*",
                Channel.join(join -> {
                            if (joins.incrementAndGet() > 1) {
                                return Join.ok(joins.get());
                            }
                            gate.passStubbornly();
                            return first.join(join);
                        })
                        .onJoined(room -> entered.add(room.assigns()))
                        .answer(Chat.ADD, (input, room) -> Reply.ok(new Chat.Amount(room.assigns())))
                        .onLeave((why, room) -> left.add(room.assigns() + " " + why))
                        .build());
        return server.connect();
    }

    /** Returns a client whose first join is replaced while it waits at the gate. */
    private Client joining(Gate gate, JoinHandler<Object, Integer> first) {
        Client client = serveSlowly(gate, first);
        client.sends("['3','3','room:42','phx_join',{}]");
        server.awaitReached(gate);
        client.sends("['4','4','room:42','phx_join',{}]");
        client.receives(
                "['3','3','room:42','phx_reply',{'status':'error','response':{'reason':'replaced'}}]",
                "['4','4','room:42','phx_reply',{'status':'ok','response':{}}]");
        server.await(gate::interrupted, () -> "the old join is interrupted");
        gate.open();
        return client;
    }

    private void newChannelWorks(Client client) {
        client.sends("['4','9','room:42','add',{'number':0}]");
        client.receives("['4','9','room:42','phx_reply',{'status':'ok','response':{'number':2}}]");
        server.hub.channels().broadcast("room:42", Chat.SHOUT, new Chat.Text("once"));
        client.receives("[null,null,'room:42','shout',{'text':'once'}]");
    }

    @Test
    void aJoinThatIsReplacedBeforeItReturnsOkLeaves() {
        Client client = joining(server.gate(), join -> Join.ok(1, new Chat.Text("too late")));
        server.await(() -> !left.isEmpty(), () -> "the leave hook of the first join");
        assertThat(left).containsExactly("1 Replaced[]");
        newChannelWorks(client);
        assertThat(entered).as("channels whose onJoined hooks ran").containsExactlyInAnyOrder(1, 2);
    }

    @Test
    void aJoinThatIsReplacedBeforeItRefusesLeavesNothing() {
        Client client = joining(server.gate(), join -> Join.refuse("too late"));
        newChannelWorks(client);
        assertThat(left).isEmpty();
    }

    @Test
    void aJoinThatIsReplacedBeforeItThrowsIsLoggedAndNotAFailureOfTheChannel() {
        Client client = joining(server.gate(), join -> {
            throw new IllegalStateException("thrown by a replaced join");
        });
        newChannelWorks(client);
        assertThat(left).isEmpty();
        server.await(() -> !RecordedLog.linesAbout("room:42").isEmpty(), () -> "a line");
        assertThat(RecordedLog.linesAbout("room:42"))
                .hasSize(1)
                .first()
                .satisfies(line -> assertThat(line.text()).contains("ending already"));
        assertThat(server.count(Counter.CHANNELS_FAILED)).isZero();
    }

    /** Like phoenix.js when its join is not answered in time. */
    @Test
    void aClientWhoseJoinTimesOutLeavesAndJoinsAgain() {
        Gate gate = server.gate();
        Client client = serveSlowly(gate, join -> Join.ok(1, new Chat.Text("too late")));
        client.sends("['3','3','room:42','phx_join',{}]");
        server.awaitReached(gate);
        client.sends("['3','6','room:42','phx_leave',{}]");
        server.settle();
        assertThat(client.received()).isEmpty();
        client.sends("['4','7','room:42','phx_join',{}]");
        client.receives(
                "['3','3','room:42','phx_reply',{'status':'error','response':{'reason':'replaced'}}]",
                "['3','6','room:42','phx_reply',{'status':'ok','response':{}}]",
                "['4','7','room:42','phx_reply',{'status':'ok','response':{}}]");
        gate.open();
        server.await(() -> !left.isEmpty(), () -> "the leave hook of the first join");
        newChannelWorks(client);
        assertThat(left).containsExactly("1 Replaced[]");
    }

    @Test
    void replacedChannelsWhoseHandlersBlockAreBounded() {
        Gate gate = server.gate();
        var blocked = new AtomicInteger();
        Client client = serve((text, room) -> {
            blocked.incrementAndGet();
            gate.passStubbornly();
            return NoReply.none();
        });
        client.joins("1", "room:42");
        for (int i = 2; i <= 6; i++) {
            int handlers = i - 1;
            client.sends("['%d',null,'room:42','say',{'text':'x'}]".formatted(i - 1));
            server.await(() -> blocked.get() == handlers, () -> blocked + " handlers blocked");
            client.sends("['%d','%d','room:42','phx_join',{}]".formatted(i, i));
            server.passes(Duration.ofSeconds(5));
            client.receives(
                    "['%d','%d','room:42','phx_close',{}]".formatted(i - 1, i - 1),
                    "['%d','%d','room:42','phx_reply',{'status':'ok','response':{}}]".formatted(i, i));
        }
        client.sends("['6',null,'room:42','say',{'text':'x'}]", "['7','7','room:42','phx_join',{}]");
        client.receives(
                "['7','7','room:42','phx_reply',{'status':'error','response':{'reason':'too many channels joined'}}]");
        client.sends("['8','8','room:other','phx_join',{}]");
        client.receives(
                "['8','8','room:other','phx_reply',{'status':'error','response':{'reason':'too many channels joined'}}]");

        gate.open();
        server.await(() -> left.size() == 5 && client.session().table().running() == 1, left::toString);
        client.joins("9", "room:other");
    }

    @Test
    void onlyTheLastOfManyJoinsIsAMember() {
        Client client = serve((text, room) -> NoReply.none());
        client.joins("0", "room:42");
        for (int i = 1; i <= 200; i++) {
            client.joinsAgain("" + i, "room:42", "" + (i - 1));
            server.await(() -> client.session().table().running() < 3, () -> "the end of replaced channels");
        }
        server.hub.channels().broadcast("room:42", Chat.SHOUT, new Chat.Text("once"));
        client.receives("[null,null,'room:42','shout',{'text':'once'}]");
        server.await(() -> left.size() == 200, left::toString);
    }

    @Test
    void theContextOfAReplacedChannelReachesNoClient() {
        var contexts = new ConcurrentLinkedQueue<Context<?, String>>();
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok("a"))
                        .onJoined(contexts::add)
                        .onInfo(Chat.WORD, (word, room) -> NoReply.none())
                        .build());
        Client client = server.connect();
        client.joins("3", "room:42");
        server.await(() -> contexts.size() == 1, contexts::toString);
        client.joinsAgain("4", "room:42", "3");
        server.await(() -> client.session().table().running() == 1, () -> "the end of the replaced channel");
        contexts.peek().push(Chat.SAY, new Chat.Text("old"));
        contexts.peek().broadcast(Chat.SAY, new Chat.Text("old"));
        assertThat(contexts.peek().send(Chat.WORD, "old")).isFalse();
        assertThat(server.count(Counter.WRITES_AFTER_END)).isEqualTo(2);
    }
}
