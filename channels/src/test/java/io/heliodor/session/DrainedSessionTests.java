package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.DeferredReply;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Out;
import io.heliodor.channel.Reply;
import io.heliodor.event.Reason;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.session.telemetry.Counter;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** A drain of the server at one connection: deferred replies, intercepts, and the time of its messages. */
class DrainedSessionTests {
    private static final String CHANNEL_CLOSED =
            "['3','8','room:42','phx_reply',{'status':'error','response':{'reason':'channel_closed'}}]";
    private static final String ASK = "['3','8','room:42','ask',{'text':'a'}]";
    private static final String ANSWER = "['3','8','room:42','phx_reply',{'status':'ok','response':{'text':'b'}}]";

    @AutoClose
    private final TestServer server = new TestServer();

    private final AtomicReference<DeferredReply<Chat.Text, Reason>> reply = new AtomicReference<>();
    private final AtomicReference<Context<Object, String>> context = new AtomicReference<>();
    private final Queue<String> events = new ConcurrentLinkedQueue<>();
    private Gate gate;
    private Client client;

    @BeforeEach
    void join() {
        gate = server.gate();
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(join.topic()))
                        .answerLater(Chat.ASK, (text, room, deferred) -> {
                            context.set(room);
                            reply.set(deferred);
                        })
                        .on(Chat.GO, (nothing, room) -> {
                            gate.pass();
                            return NoReply.none();
                        })
                        .on(Chat.SAY, (text, room) -> {
                            events.add(text.text());
                            return NoReply.none();
                        })
                        .answer(Chat.ADD, (input, room) -> Reply.ok(new Chat.Amount(input.number() + 1)))
                        .onInfo(Chat.WORD, (text, room) -> {
                            reply.get().send(Reply.ok(new Chat.Text(text)));
                            return NoReply.none();
                        })
                        .intercept(Chat.SHOUT, (text, room) -> Out.pass())
                        .onLeave((why, room) -> events.add(why.getClass().getSimpleName()))
                        .build());
        client = server.connectAs("users:1");
        client.joins("3", "room:42");
    }

    /** A reply counts in the memory of its client until it is sent. */
    @AfterEach
    void sendReply() {
        DeferredReply<Chat.Text, Reason> due = reply.get();
        if (due != null) {
            due.sendWhenComplete(CompletableFuture.completedFuture(Reply.ok(new Chat.Text("late"))));
        }
    }

    private void asks() {
        client.sends(ASK);
        server.await(() -> reply.get() != null, () -> "a call");
        server.settle();
    }

    private void drains() {
        server.loop().perform(() -> client.session().closing().drain());
        server.settle();
    }

    private void isOpen() {
        server.settle();
        assertThat(client.closed()).as("closed").isFalse();
        assertThat(events).as("events").isEmpty();
    }

    private void ends() {
        client.isClosedWith(1001);
        server.await(() -> !events.isEmpty(), () -> "a leave hook");
        assertThat(events).containsExactly("Draining");
    }

    @Test
    void aDrainAwaitsADeferredReply() {
        asks();
        drains();
        isOpen();
        reply.get().send(Reply.ok(new Chat.Text("b")));
        client.receives(ANSWER);
        ends();
    }

    @Test
    void aDrainAwaitsTheDeferredReplyOfACallThatWaited() {
        client.sends("['3',null,'room:42','go',{}]");
        server.awaitReached(gate);
        client.sends(ASK);
        drains();
        gate.open();
        server.await(() -> reply.get() != null, () -> "a call");
        isOpen();
        reply.get().send(Reply.ok(new Chat.Text("b")));
        client.receives(ANSWER);
        ends();
    }

    @Test
    void aDeferredReplyMayDependOnAnInfoMessage() {
        asks();
        drains();
        assertThat(context.get().send(Chat.WORD, "b")).as("accepted").isTrue();
        client.receives(ANSWER);
        ends();
        assertThat(context.get().send(Chat.WORD, "c"))
                .as("accepted after the end")
                .isFalse();
    }

    @Test
    void aDrainDoesNotAwaitDeferredRepliesWithoutAReceiver() {
        client.sends("['3',null,'room:42','ask',{'text':'a'}]");
        server.await(() -> reply.get() != null, () -> "a call");
        server.settle();
        drains();
        ends();
    }

    @Test
    void aFailedDeferredReplyEndsTheWait() {
        asks();
        drains();
        var future = new CompletableFuture<Reply<Chat.Text, Reason>>();
        reply.get().sendWhenComplete(future);
        isOpen();
        future.completeExceptionally(new IllegalStateException("on purpose"));
        client.receives("['3','8','room:42','phx_reply',{'status':'error','response':{'reason':'crashed'}}]");
        ends();
        assertThat(RecordedLog.lines(Level.ERROR, "the deferred reply to 'ask'"))
                .hasSize(1);
    }

    @Test
    void aDeferredReplyThatNothingRefersToEndsTheWait() {
        asks();
        drains();
        reply.set(null);
        server.await(
                () -> {
                    System.gc();
                    server.sweep();
                    return client.closed();
                },
                () -> "a close, " + client);
        ends();
        assertThat(server.count(Counter.DEFERRED_UNSENT)).isEqualTo(1);
    }

    @Test
    void theDeadlineOfADrainEndsTheWait() {
        asks();
        drains();
        server.loop().perform(() -> client.session().closing().endDrain());
        ends();
        server.await(() -> !server.lane().hasEndingChannels(), () -> "the end of the leave hook");
        reply.get().send(Reply.ok(new Chat.Text("too late")));
        assertThat(server.count(Counter.WRITES_AFTER_END)).isEqualTo(1);
    }

    @Test
    void aClientThatDisconnectsDuringItsDrainAwaitsNoReply() {
        asks();
        drains();
        client.drops();
        server.await(client::isFinished, () -> "the end of the session");
        server.await(() -> !events.isEmpty(), () -> "a leave hook");
        assertThat(events).containsExactly("Draining");
        assertThat(server.count(Counter.CONNECTIONS)).isZero();
    }

    @Test
    void aClientThatDisconnectsAwaitsNoReply() {
        asks();
        client.drops();
        server.await(client::isFinished, () -> "the end of the session");
        server.await(() -> !events.isEmpty(), () -> "a leave hook");
        assertThat(events).containsExactly("Disconnected");
    }

    @Test
    void aStopOfTheChannelEndsTheWait() {
        asks();
        drains();
        context.get().stop("enough");
        client.receives(CHANNEL_CLOSED, "['3','3','room:42','phx_close',{}]");
        ends();
    }

    @Test
    void aStopOfAChannelWithoutLeaveHooksEndsTheWait() {
        try (var another = new TestServer()) {
            another.serve(
                    "room:*",
                    Channel.join(join -> Join.ok(join.topic()))
                            .answerLater(Chat.ASK, (text, room, deferred) -> {
                                context.set(room);
                                reply.set(deferred);
                            })
                            .build());
            Client one = another.connect();
            one.joins("3", "room:42");
            one.sends(ASK);
            another.await(() -> reply.get() != null, () -> "a call");
            another.settle();
            another.loop().perform(() -> one.session().closing().drain());
            context.get().stop("enough");
            one.receives(CHANNEL_CLOSED, "['3','3','room:42','phx_close',{}]");
            one.isClosedWith(1001);
            another.await(() -> !another.lane().hasEndingChannels(), () -> "the end of the channel");
            sendReply();
        }
    }

    @Test
    void messagesOfADrainHaveTheTimeOfTheDrain() {
        client.sends("['3',null,'room:42','go',{}]");
        server.awaitReached(gate);
        client.sends("['3','9','room:42','add',{'number':1}]");
        drains();
        server.passes(Duration.ofSeconds(9));
        isOpen();
        assertThat(gate.interrupted()).as("interrupted").isFalse();
        gate.open();
        client.receives("['3','9','room:42','phx_reply',{'status':'ok','response':{'number':2}}]");
        ends();
    }

    @Test
    void aClientThatIsNotReadInADrainIsNotIdle() {
        client.sends("['3',null,'room:42','go',{}]");
        server.awaitReached(gate);
        client.sends("['3','9','room:42','add',{'number':1}]");
        drains();
        passesIdleTimeout();
        isOpen();
        gate.open();
        client.receives("['3','9','room:42','phx_reply',{'status':'ok','response':{'number':2}}]");
        ends();
        assertThat(server.count(Counter.CLOSED_IDLE)).isZero();
    }

    @Test
    void aMessageThatADrainCutsOffIsNotTooSlow() {
        asks();
        server.loop().perform(() -> client.session().arrived(100));
        drains();
        passesIdleTimeout();
        isOpen();
        reply.get().send(Reply.ok(new Chat.Text("b")));
        client.receives(ANSWER);
        ends();
        assertThat(server.count(Counter.CLOSED_IDLE)).isZero();
    }

    /** Twice, in steps: the client counts as active in the first. */
    private void passesIdleTimeout() {
        Duration step = server.hub.sessionLimits().idleTimeout().dividedBy(2);
        for (int i = 0; i < 4; i++) {
            server.passes(step);
        }
    }

    @Test
    void interceptedBroadcastsReachAClientUntilItsConnectionIsClosed() {
        client.sends("['3',null,'room:42','go',{}]");
        server.awaitReached(gate);
        client.sends("['3','9','room:42','add',{'number':1}]");
        drains();
        server.hub.channels().broadcast("room:42", Chat.SHOUT, new Chat.Text("hi"));
        isOpen();
        gate.open();
        client.receives(
                "['3','9','room:42','phx_reply',{'status':'ok','response':{'number':2}}]",
                "[null,null,'room:42','shout',{'text':'hi'}]");
        ends();
        assertThat(server.count(Counter.CHANNELS_FAILED)).isZero();
    }
}
