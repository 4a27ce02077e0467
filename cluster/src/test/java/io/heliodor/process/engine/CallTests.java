package io.heliodor.process.engine;

import static io.heliodor.process.engine.Nodes.SECOND;
import static io.heliodor.process.engine.Nodes.eventually;
import static io.heliodor.process.engine.Nodes.go;
import static io.heliodor.process.engine.Nodes.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.codec.Codecs;
import io.heliodor.codec.TooLarge;
import io.heliodor.membership.ClusterException;
import io.heliodor.process.CallOutcome;
import io.heliodor.process.Exit;
import io.heliodor.process.Pid;
import io.heliodor.process.ReplyTo;
import io.heliodor.type.Type;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The ends of calls. Most tests run on one node and between two. */
@Timeout(60)
class CallTests {
    enum Where {
        HERE,
        THERE
    }

    record Ask(String text, ReplyTo<String> reply) {
        static Function<ReplyTo<String>, Ask> of(String text) {
            return reply -> new Ask(text, reply);
        }
    }

    record Late(ReplyTo<List<Optional<Integer>>> reply) {}

    record Passed(Pid<Ask> to, ReplyTo<String> reply) {}

    @AutoClose
    private final Nodes nodes = new Nodes();

    private final Nodes.One a = nodes.alone("a");
    private final Nodes.One b = nodes.alone("b");
    private final BlockingQueue<Ask> got = new LinkedBlockingQueue<>();
    private Pid<Ask> there;
    private Pid<Ask> pid;

    /** Starts a process that keeps its requests for the test to answer. Some texts are commands. */
    private void start(Where where) {
        nodes.join(a, b);
        there = (where == Where.HERE ? a : b).processes.spawn(Type.of(Ask.class), inbox -> {
            while (true) {
                Ask ask = inbox.receive();
                switch (ask.text()) {
                    case "end" -> {
                        return;
                    }
                    case "fail" -> throw new IllegalStateException("as told");
                    case "echo" -> ask.reply().reply("echo");
                    default -> got.add(ask);
                }
            }
        });
        pid = a.processes.pid(Processes.idOf(there), Type.of(Ask.class));
    }

    private CompletableFuture<CallOutcome<String>> startCall(String text) {
        return go(() -> pid.call(Ask.of(text), SECOND));
    }

    private Ask taken() throws InterruptedException {
        Ask ask = got.poll(20, TimeUnit.SECONDS);
        assertThat(ask).as("the request that the process received").isNotNull();
        return ask;
    }

    @ParameterizedTest
    @EnumSource
    void aDeferredReplyMayBeSentByAnyThread(Where where) throws InterruptedException {
        start(where);
        var call = startCall("x");
        Ask ask = taken();
        assertThat(ask.reply().cancelled()).isFalse();
        Thread.ofPlatform().start(() -> ask.reply().reply("y"));
        assertThat(soon(call)).isEqualTo(new CallOutcome.Ok<>("y"));
        assertThat(soon(call).orThrow()).isEqualTo("y");
    }

    @ParameterizedTest
    @EnumSource
    void aReplyToPrintsTheNodeOfItsCaller(Where where) throws InterruptedException {
        start(where);
        var call = startCall("x");
        Ask ask = taken();
        assertThat(ask.reply()).asString().matches("reply to a@local/\\d+");
        ask.reply().reply("y");
        soon(call);
    }

    @ParameterizedTest
    @EnumSource
    void aCallThatIsNotAnsweredTimesOutAndIsCancelledAtTheCallee(Where where) throws InterruptedException {
        start(where);
        var call = startCall("x");
        Ask ask = taken();
        nodes.time.advance(SECOND.minusNanos(1));
        assertThat(call).isNotDone();
        nodes.time.advance(Duration.ofNanos(1));
        assertThat(soon(call)).isEqualTo(new CallOutcome.TimedOut<>(SECOND));
        eventually().untilAsserted(() -> assertThat(ask.reply().cancelled()).isTrue());
        assertThatThrownBy(() -> soon(call).orThrow())
                .isInstanceOf(ClusterException.class)
                .hasMessageContaining("within 1000 ms");
    }

    @ParameterizedTest
    @EnumSource
    void anAnswerThatComesTooLateIsDroppedAndCounted(Where where) throws InterruptedException {
        start(where);
        var call = startCall("x");
        Ask ask = taken();
        nodes.time.advance(SECOND);
        soon(call);
        ask.reply().reply("too late");
        eventually().until(() -> a.count(NodeCounter.LATE_ANSWERS) + b.count(NodeCounter.LATE_ANSWERS) == 1);
        assertThat(pid.call(Ask.of("echo"), SECOND)).isEqualTo(new CallOutcome.Ok<>("echo"));
    }

    @Test
    void anAnswerThatCrossesTheCancellationIsDroppedAndCounted() throws InterruptedException {
        start(Where.THERE);
        var call = startCall("x");
        Ask ask = taken();
        b.link.hold(a.link);
        ask.reply().reply("on its way");
        nodes.time.advance(SECOND);
        soon(call);
        b.link.release(a.link);
        eventually().until(() -> a.count(NodeCounter.LATE_ANSWERS) == 1);
    }

    @ParameterizedTest
    @EnumSource
    void aSecondAnswerIsIgnoredAndCounted(Where where) throws InterruptedException {
        start(where);
        var call = startCall("x");
        Ask ask = taken();
        ask.reply().reply("first");
        ask.reply().reply("second");
        assertThat(soon(call)).isEqualTo(new CallOutcome.Ok<>("first"));
        assertThat(a.count(NodeCounter.REPEATED_ANSWERS) + b.count(NodeCounter.REPEATED_ANSWERS))
                .isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void theEndOfAProcessEndsItsCalls(Where where) throws InterruptedException {
        start(where);
        var waiting = startCall("x");
        taken();
        assertThat(soon(startCall("fail")))
                .isEqualTo(new CallOutcome.TargetDown<>(new Exit.Failed("java.lang.IllegalStateException: as told")));
        assertThat(soon(waiting)).isInstanceOf(CallOutcome.TargetDown.class);
        eventually()
                .untilAsserted(() -> assertThat(pid.call(Ask.of("x"), SECOND))
                        .isEqualTo(new CallOutcome.TargetDown<>(new Exit.NoProcess())));
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptedCallerGetsAnOutcomeAndItsCallIsCancelled(Where where) throws InterruptedException {
        start(where);
        var caller = new CompletableFuture<Thread>();
        var outcome = go(() -> {
            caller.complete(Thread.currentThread());
            CallOutcome<String> ended = pid.call(Ask.of("x"), SECOND);
            return ended + " " + Thread.currentThread().isInterrupted();
        });
        Ask ask = taken();
        soon(caller).interrupt();
        assertThat(soon(outcome)).startsWith("Failed[type=interrupted").endsWith("true");
        eventually().until(ask.reply()::cancelled);
        assertThat(a.processes.calls().waiting()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsSentIfTheTimeoutIsNotPositive(Where where) {
        start(where);
        assertThat(pid.call(Ask.of("x"), Duration.ZERO)).isEqualTo(new CallOutcome.TimedOut<>(Duration.ZERO));
        assertThat(pid.call(Ask.of("x"), Duration.ofSeconds(-1))).isInstanceOf(CallOutcome.TimedOut.class);
        assertThat(pid.call(Ask.of("echo"), SECOND)).isEqualTo(new CallOutcome.Ok<>("echo"));
        assertThat(got).isEmpty();
    }

    @Test
    void aTimeoutBeyondTheRangeOfTheClockIsAccepted() {
        start(Where.THERE);
        assertThat(pid.call(Ask.of("echo"), Duration.ofSeconds(Long.MAX_VALUE)))
                .isEqualTo(new CallOutcome.Ok<>("echo"));
    }

    @Test
    void aNodeThatIsNotInTheViewIsUnreachable() {
        start(Where.THERE);
        nodes.view(a);
        assertThat(pid.call(Ask.of("x"), SECOND)).isEqualTo(new CallOutcome.Unreachable<>("b@local"));
    }

    @Test
    void theLeaveOfANodeEndsItsCalls() throws InterruptedException {
        start(Where.THERE);
        var call = startCall("x");
        Ask ask = taken();
        nodes.view(a);
        assertThat(soon(call)).isEqualTo(new CallOutcome.TargetDown<>(new Exit.NoConnection("b@local")));
        assertThat(ask.reply().cancelled()).as("b does not have the view yet").isFalse();
        nodes.view(b);
        assertThat(ask.reply().cancelled()).isTrue();
        assertThat(b.stat("calls_served")).isZero();
    }

    @Test
    void theEndOfASessionEndsItsCalls() throws InterruptedException {
        start(Where.THERE);
        var call = startCall("x");
        Ask ask = taken();
        a.link.close(b.link);
        assertThat(soon(call)).isEqualTo(new CallOutcome.TargetDown<>(new Exit.NoConnection("b@local")));
        a.link.open(b.link);
        eventually().until(ask.reply()::cancelled);
        assertThat(pid.call(Ask.of("echo"), SECOND)).isEqualTo(new CallOutcome.Ok<>("echo"));
    }

    @Test
    void aCallWaitsForASessionThatIsAboutToOpen() {
        nodes.view(a, b);
        there = b.processes.spawn(
                Type.of(Ask.class), inbox -> inbox.receive().reply().reply("hi"));
        pid = a.processes.pid(Processes.idOf(there), Type.of(Ask.class));
        var call = startCall("x");
        eventually().until(() -> nodes.time.waiting() == 2);
        a.link.open(b.link);
        b.link.open(a.link);
        assertThat(soon(call)).isEqualTo(new CallOutcome.Ok<>("hi"));
    }

    @Test
    void anAnswerWaitsForASessionThatIsAboutToOpen() throws InterruptedException {
        nodes.view(a, b);
        a.link.open(b.link);
        there = b.processes.spawn(Type.of(Ask.class), inbox -> {
            Ask ask = inbox.receive();
            got.add(ask);
            ask.reply().reply("hi");
        });
        pid = a.processes.pid(Processes.idOf(there), Type.of(Ask.class));
        var call = startCall("x");
        taken();
        b.link.open(a.link);
        assertThat(soon(call)).isEqualTo(new CallOutcome.Ok<>("hi"));
    }

    @Test
    void theTypeOfTheAnswerIsThatOfTheComponent() {
        nodes.join(a, b);
        Pid<Late> far = b.processes.spawn(
                Type.of(Late.class), inbox -> inbox.receive().reply().reply(List.of(Optional.of(7), Optional.empty())));
        Pid<Late> near = a.processes.pid(Processes.idOf(far), Type.of(Late.class));
        assertThat(near.call(Late::new, SECOND))
                .isEqualTo(new CallOutcome.Ok<>(List.of(Optional.of(7), Optional.empty())));
    }

    @Test
    void aReplyMayBePassedOnToAThirdNode() {
        Nodes.One c = nodes.alone("c");
        nodes.join(a, b, c);
        Pid<Ask> last = c.processes.spawn(Type.of(Ask.class), inbox -> {
            Ask ask = inbox.receive();
            ask.reply().reply("from c: " + ask.text());
        });
        Pid<Passed> middle = b.processes.spawn(Type.of(Passed.class), inbox -> {
            Passed passed = inbox.receive();
            passed.to().send(new Ask("passed", passed.reply()));
            inbox.receive();
        });
        Pid<Passed> near = a.processes.pid(Processes.idOf(middle), Type.of(Passed.class));
        CallOutcome<String> outcome = near.call(reply -> new Passed(last, reply), SECOND);
        assertThat(outcome).isEqualTo(new CallOutcome.Ok<>("from c: passed"));
        eventually().until(() -> b.stat("calls_served") == 0);
    }

    @Test
    void aMessageThatCannotBeEncodedThrowsAtTheCaller() {
        Nodes.One small = nodes.alone("small", Codecs.builder().limit(100));
        nodes.join(small, b);
        there = b.processes.spawn(Type.of(Ask.class), inbox -> inbox.receive());
        pid = small.processes.pid(Processes.idOf(there), Type.of(Ask.class));
        assertThatThrownBy(() -> pid.call(Ask.of("x".repeat(100)), SECOND)).isInstanceOf(TooLarge.class);
        assertThatThrownBy(() -> pid.send(new Ask("x", null))).hasMessageContaining("is null");
        assertThatThrownBy(() -> pid.<String>call(reply -> new Ask("x", new Forged()), SECOND))
                .hasMessageContaining("Only a ReplyTo");
        assertThat(small.processes.calls().waiting()).isZero();
        assertThat(nodes.time.waiting()).isZero();
    }

    record Forged() implements ReplyTo<String> {
        @Override
        public void reply(String value) {}

        @Override
        public boolean cancelled() {
            return false;
        }
    }

    @Test
    void aMessageWithoutTheReplyToThrowsAtTheCaller() {
        start(Where.THERE);
        Pid<String> text = a.processes.pid(Processes.idOf(there), Type.of(String.class));
        assertThatThrownBy(() -> text.call(reply -> "x", SECOND)).hasMessageContaining("does not hold the ReplyTo");
    }

    @Test
    void anAnswerThatCannotBeEncodedFailsOnBothSides() throws InterruptedException {
        Nodes.One small = nodes.alone("small", Codecs.builder().limit(100));
        nodes.join(a, small);
        var process = small.processes.spawn(Type.of(Ask.class), inbox -> {
            got.add(inbox.receive());
            inbox.receive();
        });
        pid = a.processes.pid(Processes.idOf(process), Type.of(Ask.class));
        var call = startCall("x");
        Ask ask = taken();
        assertThatThrownBy(() -> ask.reply().reply("x".repeat(200))).isInstanceOf(TooLarge.class);
        assertThat(soon(call))
                .isInstanceOfSatisfying(
                        CallOutcome.Failed.class,
                        failed -> assertThat(failed.type()).isEqualTo("unencodable"));
    }

    record Other(int number, ReplyTo<String> reply) {}

    @Test
    void aRequestThatTheProcessCannotReadFails() {
        start(Where.THERE);
        Pid<Other> wrong = a.processes.pid(Processes.idOf(there), Type.of(Other.class));
        CallOutcome<String> outcome = wrong.call(reply -> new Other(1, reply), SECOND);
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        CallOutcome.Failed.class,
                        failed -> assertThat(failed.type()).isEqualTo("undecodable"));
        assertThat(b.count(NodeCounter.UNDECODABLE)).isEqualTo(1);
        assertThat(pid.call(Ask.of("echo"), SECOND)).as("it still runs").isEqualTo(new CallOutcome.Ok<>("echo"));
    }

    record AskNumber(String text, ReplyTo<Integer> reply) {}

    @Test
    void anAnswerThatTheCallerCannotReadFails() {
        start(Where.THERE);
        Pid<AskNumber> wrong = a.processes.pid(Processes.idOf(there), Type.of(AskNumber.class));
        CallOutcome<Integer> outcome = wrong.call(reply -> new AskNumber("echo", reply), SECOND);
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        CallOutcome.Failed.class,
                        failed -> assertThat(failed.type()).isEqualTo("undecodable"));
        assertThat(a.count(NodeCounter.UNDECODABLE)).isEqualTo(1);
    }

    @Test
    void aCallWithLittleTimeDoesNotEndASessionThatIsFull() {
        start(Where.THERE);
        a.link.hold(b.link);
        nodes.loopback.capacity(0);
        var call = go(() -> pid.call(Ask.of("x"), Duration.ofMillis(10)));
        // One while it waits for the full session, two while it waits for the answer.
        eventually().until(() -> nodes.time.waiting() > 0);
        nodes.time.advance(Duration.ofMillis(10));
        assertThat(soon(call)).isEqualTo(new CallOutcome.TimedOut<>(Duration.ofMillis(10)));
        nodes.loopback.capacity(100);
        a.link.release(b.link);
        assertThat(pid.call(Ask.of("echo"), SECOND)).isEqualTo(new CallOutcome.Ok<>("echo"));
        assertThat(got).isEmpty();
    }
}
