package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.DeferredReply;
import io.heliodor.channel.Join;
import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Out;
import io.heliodor.channel.Reply;
import io.heliodor.channel.definition.ChannelDefinition;
import io.heliodor.event.Reason;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.observe.Metric;
import io.heliodor.session.telemetry.Counter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Handlers that do not return: they are logged and measured, and end at the timeout of their channel. */
class HandlerWatchTests {
    private static final Duration WARN = Duration.ofSeconds(5);
    private static final String LINE = "the other messages of the channel wait";

    @AutoClose
    private final TestServer server = new TestServer();

    private final Queue<LeaveReason> left = new ConcurrentLinkedQueue<>();
    private final AtomicReference<Context<?, String>> context = new AtomicReference<>();
    private final Gate gate = server.gate();

    private Client serve(UnaryOperator<Channel.Builder<Object, String>> handlers) {
        Channel.Builder<Object, String> room = Channel.join(join -> {
            if (join.subtopic().equals("slow")) {
                gate.pass();
            }
            return Join.ok(join.topic());
        });
        room.onJoined(context::set)
                .on(Chat.GO, (nothing, in) -> {
                    gate.pass();
                    return NoReply.none();
                })
                .on(Chat.SAY, (text, in) -> {
                    gate.passStubbornly();
                    return in.push(Chat.SAY, text);
                })
                .answer(Chat.PING, (nothing, in) -> Reply.ok())
                .onLeave((why, in) -> left.add(why));
        server.serve("room:*", handlers.apply(room).build());
        return server.connectAs("users:1");
    }

    private Client joined(UnaryOperator<Channel.Builder<Object, String>> handlers) {
        Client client = serve(handlers);
        client.joins("3", "room:42");
        return client;
    }

    /** Returns when a handler waits at the gate and a sweep has found it. */
    private void hangs() {
        server.awaitReached(gate);
        server.sweep();
    }

    private List<RecordedLog.Line> awaitLine() {
        server.await(
                () -> !RecordedLog.linesAbout(LINE).isEmpty(), () -> "a line about a handler that does not return");
        return RecordedLog.linesAbout(LINE);
    }

    private long oldest() {
        return server.hub.channels().inspection().metrics().all().stream()
                .filter(metric -> metric.name().equals("heliodor.handlers.oldest"))
                .mapToLong(Metric::value)
                .sum();
    }

    @Test
    void aHandlerThatRunsForFiveSecondsIsLoggedOnceWithTheStackOfItsThread() {
        Client client = joined(room -> room);
        client.sends("['3','8','room:42','go',{}]");
        hangs();
        server.passes(WARN.minusMillis(1));
        assertThat(oldest()).isEqualTo(4);
        server.passes(Duration.ofMillis(1));
        assertThat(awaitLine()).singleElement().satisfies(line -> {
            assertThat(line.text())
                    .endsWith("Channel room:42 of client users:1: the handler of 'go' has run for 5 s;"
                            + " the other messages of the channel wait.");
            assertThat(line.thrown().getStackTrace())
                    .anyMatch(frame -> frame.getClassName().equals(Gate.class.getName()));
        });
        server.passes(Duration.ofSeconds(25));
        assertThat(oldest()).isEqualTo(30);
        gate.open();
        client.sends("['3','9','room:42','ping',{}]");
        client.receives("['3','9','room:42','phx_reply',{'status':'ok','response':{}}]");
        server.sweep();
        assertThat(oldest()).isZero();
        assertThat(RecordedLog.linesAbout(LINE)).hasSize(1);
    }

    @Test
    void handlersThatTakeTurnsDoNotAddUp() {
        Gate second = server.gate();
        Client client = joined(room -> room.onInfo(Chat.WORD, (word, in) -> {
            second.pass();
            return NoReply.none();
        }));
        client.sends("['3','8','room:42','go',{}]");
        hangs();
        context.get().send(Chat.WORD, "next");
        server.passes(Duration.ofSeconds(4));
        gate.open();
        server.awaitReached(second);
        server.sweep();
        server.passes(Duration.ofSeconds(4));
        assertThat(oldest()).isEqualTo(4);
        second.open();
        client.sends("['3','9','room:42','ping',{}]");
        client.receives("['3','9','room:42','phx_reply',{'status':'ok','response':{}}]");
        assertThat(RecordedLog.linesAbout(LINE)).isEmpty();
    }

    @Test
    void aHandlerThatOutlivesItsConnectionIsFoundAllTheSame() {
        Client client = joined(room -> room);
        client.sends("['3','8','room:42','say',{'text':'a'}]");
        hangs();
        client.drops();
        server.passes(WARN);
        assertThat(awaitLine())
                .singleElement()
                .satisfies(line -> assertThat(line.text()).contains("the handler of 'say'"));
        assertThat(oldest()).isEqualTo(5);
        gate.open();
        server.await(() -> !left.isEmpty(), () -> "the leave hook");
        server.sweep();
        server.await(
                () -> {
                    server.sweep();
                    return oldest() == 0;
                },
                () -> "no handler, " + oldest());
    }

    @Test
    void aJoinHandlerThatDoesNotReturnIsLogged() {
        Client client = serve(room -> room);
        client.sends("['3','3','room:slow','phx_join',{}]");
        hangs();
        server.passes(WARN);
        // The last line of another test may come late.
        server.await(() -> !RecordedLog.linesAbout("room:slow").isEmpty(), () -> "a line about the join handler");
        assertThat(RecordedLog.linesAbout("room:slow"))
                .singleElement()
                .satisfies(line -> assertThat(line.text()).contains("the join handler has run"));
        gate.open();
        client.receives("['3','3','room:slow','phx_reply',{'status':'ok','response':{}}]");
    }

    @Test
    void aLeaveHookThatDoesNotReturnIsLogged() {
        Client client = joined(room -> room.onLeave((why, in) -> gate.pass()));
        client.sends("['3','8','room:42','phx_leave',{}]");
        hangs();
        server.passes(WARN);
        assertThat(awaitLine())
                .singleElement()
                .satisfies(line -> assertThat(line.text()).contains("onLeave has run"));
        gate.open();
        client.receives(
                "['3','8','room:42','phx_reply',{'status':'ok','response':{}}]", "['3','3','room:42','phx_close',{}]");
    }

    @Test
    void atItsTimeoutAHandlerIsInterruptedAndItsChannelEndsAsAfterACrash() {
        Client client = joined(room -> room.handlerTimeout(Duration.ofSeconds(3)));
        client.sends("['3','8','room:42','go',{}]");
        hangs();
        server.passes(Duration.ofMillis(2_999));
        assertThat(client.received()).isEmpty();
        server.passes(Duration.ofMillis(1));
        client.receives("['3','3','room:42','phx_error',{'reason':'channel_crash'}]");
        server.await(() -> !left.isEmpty(), () -> "the leave hook");
        assertThat(gate.interrupted()).isTrue();
        assertThat(left)
                .singleElement()
                .satisfies(why -> assertThat(((LeaveReason.Failed) why).cause())
                        .isInstanceOf(TimeoutException.class)
                        .hasMessage("the handler of 'go' ran for longer than PT3S"));
        assertThat(RecordedLog.linesAbout("room:42"))
                .singleElement()
                .satisfies(
                        line -> assertThat(line.text())
                                .endsWith(
                                        "Channel room:42 ends: the handler of 'go' has run for longer than its timeout of PT3S."));
        assertThat(server.count(Counter.HANDLERS_TIMED_OUT)).isEqualTo(1);
        assertThat(server.count(Counter.CHANNELS_FAILED)).isEqualTo(1);
        client.joins("9", "room:42");
    }

    @Test
    void aHandlerThatIgnoresItsInterruptHoldsUpNeitherItsClientNorALaterJoin() {
        Client client = joined(room -> room.handlerTimeout(Duration.ofSeconds(3)));
        client.sends("['3','8','room:42','say',{'text':'a'}]");
        hangs();
        server.passes(Duration.ofSeconds(3));
        client.receives("['3','3','room:42','phx_error',{'reason':'channel_crash'}]");
        client.joins("9", "room:42");
        assertThat(left).isEmpty();
        server.passes(Duration.ofSeconds(30));
        assertThat(server.count(Counter.HANDLERS_TIMED_OUT)).isEqualTo(1);
        gate.open();
        server.await(() -> !left.isEmpty(), () -> "the leave hook");
        assertThat(client.received())
                .as("messages of the handler after its timeout")
                .isEmpty();
    }

    @Test
    void anExpectedInterruptDoesNotPreventTheTimeoutOfAChannel() {
        Client client = joined(room -> room.handlerTimeout(Duration.ofSeconds(3))
                .onException(InterruptedException.class, e -> Reply.error("interrupted")));
        client.sends("['3','8','room:42','go',{}]");
        hangs();
        server.passes(Duration.ofSeconds(3));
        client.receives("['3','3','room:42','phx_error',{'reason':'channel_crash'}]");
        server.await(() -> !left.isEmpty(), () -> "the leave hook");
    }

    @Test
    void aJoinHandlerIsRefusedAtItsTimeout() {
        Client client = serve(room -> room.handlerTimeout(Duration.ofSeconds(3)));
        client.sends("['3','3','room:slow','phx_join',{}]");
        hangs();
        server.passes(Duration.ofSeconds(3));
        client.receives("['3','3','room:slow','phx_reply',{'status':'error','response':{'reason':'join crashed'}}]");
        server.await(gate::interrupted, () -> "an interrupt of the join handler");
        assertThat(left).isEmpty();
    }

    @Test
    void aLeaveHookIsInterruptedAtItsTimeoutAndTheClientGetsItsClose() {
        Client client =
                joined(room -> room.handlerTimeout(Duration.ofSeconds(3)).onLeave((why, in) -> gate.pass()));
        client.sends("['3','8','room:42','phx_leave',{}]");
        hangs();
        server.passes(Duration.ofSeconds(3));
        client.receives(
                "['3','8','room:42','phx_reply',{'status':'ok','response':{}}]", "['3','3','room:42','phx_close',{}]");
        assertThat(gate.interrupted()).isTrue();
    }

    @Test
    void aChannelThatDoesNotKeepUpWithItsInterceptIsLoggedWithTheEvent() {
        Client client = joined(room -> room.intercept(Chat.SHOUT, (text, in) -> {
            gate.pass();
            return Out.pass();
        }));
        for (int i = 0; i < 1_002; i++) {
            server.hub.channels().broadcast("room:42", Chat.SHOUT, new Chat.Text("a"));
        }
        client.receives("['3','3','room:42','phx_error',{'reason':'channel_crash'}]");
        assertThat(RecordedLog.linesAbout("does not keep up"))
                .singleElement()
                .satisfies(line -> assertThat(line.text())
                        .contains(
                                "Channel room:42 does not keep up with its intercepted broadcasts of 'shout', while "));
    }

    private void awaitUnsent(long expected) {
        server.await(
                () -> {
                    System.gc();
                    server.sweep();
                    return server.count(Counter.DEFERRED_UNSENT) >= expected;
                },
                () -> expected + " deferred replies that were never sent");
        assertThat(server.count(Counter.DEFERRED_UNSENT)).isEqualTo(expected);
    }

    @Test
    void aDeferredReplyThatCanNeverBeSentIsCountedAndLogged() {
        Client client = joined(room -> room.answerLater(Chat.ASK, (input, in, answer) -> {
            if (input.text().equals("now")) {
                answer.send(Reply.ok(input));
            }
        }));
        client.sends("['3','8','room:42','ask',{'text':'now'}]", "['3','9','room:42','ask',{'text':'never'}]");
        client.receives("['3','8','room:42','phx_reply',{'status':'ok','response':{'text':'now'}}]");
        awaitUnsent(1);
        assertThat(RecordedLog.linesAbout("deferred reply"))
                .singleElement()
                .satisfies(line -> assertThat(line.text())
                        .endsWith(
                                "Channel room:42: the deferred reply to the call 'ask' was never sent, and nothing refers"
                                        + " to it any more; its client waits until it gives up."));
    }

    @Test
    void aDeferredReplyIsNotMissedWhileSomethingRefersToItOrWhenItsHandlerThrew() {
        Queue<DeferredReply<Chat.Text, Reason>> kept = new ConcurrentLinkedQueue<>();
        Client client = joined(room -> room.answerLater(Chat.ASK, (input, in, answer) -> {
                    switch (input.text()) {
                        case "keep" -> kept.add(answer);
                        case "throw" -> throw new IllegalArgumentException("expected");
                        default -> {}
                    }
                })
                .onException(IllegalArgumentException.class, e -> Reply.error("refused")));
        client.sends("['3','8','room:42','ask',{'text':'keep'}]", "['3','9','room:42','ask',{'text':'throw'}]");
        client.receives("['3','9','room:42','phx_reply',{'status':'error','response':{'reason':'refused'}}]");
        // The earlier ones are garbage no later than these.
        client.sends("['3','10','room:42','ask',{'text':'never'}]");
        awaitUnsent(1);
        client.sends("['3','11','room:42','ask',{'text':'never'}]");
        awaitUnsent(2);
        assertThat(kept).hasSize(1);
        long counted = client.session().memory().held();
        kept.remove().send(Reply.ok(new Chat.Text("b")));
        client.receives("['3','8','room:42','phx_reply',{'status':'ok','response':{'text':'b'}}]");
        assertThat(client.session().memory().held())
                .as("bytes held for the client")
                .isLessThan(counted);
    }

    @Test
    void aChannelHasNoTimeoutUnlessItIsGivenOne() {
        assertThat(ChannelDefinition.of(Channel.join(join -> Join.ok("a")).build())
                        .handlerTimeout())
                .isEqualTo(Optional.empty());
    }
}
