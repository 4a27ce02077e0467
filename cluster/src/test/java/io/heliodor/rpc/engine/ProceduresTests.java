package io.heliodor.rpc.engine;

import static io.heliodor.process.engine.Nodes.SECOND;
import static io.heliodor.process.engine.Nodes.eventually;
import static io.heliodor.process.engine.Nodes.go;
import static io.heliodor.process.engine.Nodes.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.codec.Codecs;
import io.heliodor.codec.TooLarge;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.process.CallOutcome;
import io.heliodor.process.Exit;
import io.heliodor.process.engine.NodeCounter;
import io.heliodor.process.engine.Nodes;
import io.heliodor.pubsub.Correlation;
import io.heliodor.rpc.Procedure;
import io.heliodor.type.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ProceduresTests {
    private static final String A = "a@local";
    private static final String B = "b@local";

    record Reserve(String sku, int count) {}

    record Reserved(String code) {}

    private static final Procedure<Reserve, Reserved> RESERVE =
            Procedure.of("stock.reserve", Reserve.class, Reserved.class);
    private static final Procedure<String, List<String>> WORDS =
            Procedure.of("words", Type.of(String.class), new Type<List<String>>() {});
    private static final Procedure<String, String> WAIT = Procedure.of("wait", String.class, String.class);

    @AutoClose
    private final Nodes nodes = new Nodes();

    private final Nodes.One a = nodes.alone("a");
    private final Nodes.One b = nodes.alone("b");
    private final Procedures atA = procedures(a);
    private final Procedures atB = procedures(b);
    private final CountDownLatch gate = new CountDownLatch(1);
    private final AtomicInteger running = new AtomicInteger();
    private final CompletableFuture<String> interrupted = new CompletableFuture<>();

    private static Procedures procedures(Nodes.One node) {
        Procedures procedures = new Procedures(node.processes, 4);
        procedures.route(node.routes);
        return procedures;
    }

    /** Waits at the gate, and reports an interrupt there. */
    private String waiting(String request) throws InterruptedException {
        running.incrementAndGet();
        try {
            gate.await();
            return request;
        } catch (InterruptedException e) {
            interrupted.complete(request);
            throw e;
        } finally {
            running.decrementAndGet();
        }
    }

    private void serveAll() {
        for (Procedures procedures : List.of(atA, atB)) {
            procedures.serve(RESERVE, request -> new Reserved(request.sku() + "-" + request.count()));
            procedures.serve(WORDS, text -> List.of(text.split(" ")));
            procedures.serve(WAIT, this::waiting);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {A, B})
    void aProcedureIsCalledByNodeAndName(String node) {
        nodes.join(a, b);
        serveAll();
        assertThat(atA.call(node, RESERVE, new Reserve("tea", 2)))
                .isEqualTo(new CallOutcome.Ok<>(new Reserved("tea-2")));
        assertThat(atA.call(node, WORDS, "a b", SECOND).orThrow()).containsExactly("a", "b");
    }

    @ParameterizedTest
    @ValueSource(strings = {A, B})
    void aProcedureThatIsNotServedCannotBeCalled(String node) {
        nodes.join(a, b);
        assertThat(atA.call(node, RESERVE, new Reserve("tea", 2), SECOND))
                .isEqualTo(new CallOutcome.NoSuchProcedure<>(node, "stock.reserve"));
    }

    @ParameterizedTest
    @ValueSource(strings = {A, B})
    void aFailureComesWithTypeAndMessageAlone(String node) {
        nodes.join(a, b);
        Procedure<String, String> fail = Procedure.of("fail", String.class, String.class);
        for (Procedures procedures : List.of(atA, atB)) {
            procedures.serve(fail, text -> {
                throw new IllegalStateException(text);
            });
        }
        assertThat(atA.call(node, fail, "no stock", SECOND))
                .isEqualTo(new CallOutcome.Failed<>("java.lang.IllegalStateException", "no stock"));
    }

    @Test
    void aNodeThatIsNotInTheViewIsUnreachable() {
        assertThat(atA.call(B, WORDS, "x", SECOND)).isEqualTo(new CallOutcome.Unreachable<>(B));
    }

    @ParameterizedTest
    @ValueSource(strings = {A, B})
    void aCallThatTimesOutInterruptsTheImplementation(String node) {
        nodes.join(a, b);
        serveAll();
        var call = go(() -> atA.call(node, WAIT, "x", SECOND));
        eventually().until(() -> running.get() == 1);
        nodes.time.advance(SECOND);
        assertThat(soon(call)).isEqualTo(new CallOutcome.TimedOut<>(SECOND));
        assertThat(soon(interrupted)).isEqualTo("x");
        eventually().until(() -> a.stat("late_answers") + b.stat("late_answers") == 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {A, B})
    void anInterruptedCallerInterruptsTheImplementation(String node) {
        nodes.join(a, b);
        serveAll();
        var caller = new CompletableFuture<Thread>();
        var call = go(() -> {
            caller.complete(Thread.currentThread());
            return atA.call(node, WAIT, "x", SECOND) + " "
                    + Thread.currentThread().isInterrupted();
        });
        eventually().until(() -> running.get() == 1);
        soon(caller).interrupt();
        assertThat(soon(call)).startsWith("Failed[type=interrupted").endsWith("true");
        assertThat(soon(interrupted)).isEqualTo("x");
    }

    @Test
    void aCallerWhoseNodeLeavesInterruptsTheImplementation() {
        nodes.join(a, b);
        serveAll();
        var call = go(() -> atA.call(B, WAIT, "x", SECOND));
        eventually().until(() -> running.get() == 1);
        nodes.view(b);
        assertThat(soon(interrupted)).isEqualTo("x");
        nodes.view(a);
        assertThat(soon(call)).isEqualTo(new CallOutcome.TargetDown<>(new Exit.NoConnection(B)));
    }

    @ParameterizedTest
    @ValueSource(strings = {A, B})
    void aNodeThatIsClosedInterruptsItsImplementations(String node) {
        nodes.join(a, b);
        serveAll();
        var call = go(() -> atA.call(node, WAIT, "x", SECOND));
        eventually().until(() -> running.get() == 1);
        (node.equals(A) ? a : b).processes.close();
        assertThat(soon(interrupted)).isEqualTo("x");
        nodes.time.advance(SECOND);
        assertThat(soon(call)).isInstanceOfAny(CallOutcome.TargetDown.class, CallOutcome.TimedOut.class);
        assertThat(atA.call(A, WORDS, "x", SECOND).equals(new CallOutcome.Unreachable<>(A)))
                .isEqualTo(node.equals(A));
    }

    @Test
    void aNewSessionInterruptsTheCallsOfTheOneBefore() {
        nodes.join(a, b);
        serveAll();
        var call = go(() -> atA.call(B, WAIT, "x", SECOND));
        eventually().until(() -> running.get() == 1);
        a.link.close(b.link);
        assertThat(soon(call)).isEqualTo(new CallOutcome.TargetDown<>(new Exit.NoConnection(B)));
        assertThat(running).hasValue(1);
        a.link.open(b.link);
        assertThat(soon(interrupted)).isEqualTo("x");
    }

    @ParameterizedTest
    @ValueSource(strings = {A, B})
    void callsOverTheLimitAreRefused(String node) {
        nodes.join(a, b);
        serveAll();
        List<CompletableFuture<CallOutcome<String>>> calls = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            calls.add(go(() -> atA.call(node, WAIT, "x", SECOND)));
        }
        eventually().until(() -> running.get() == 4);
        assertThat(atA.call(node, WORDS, "x", SECOND))
                .isInstanceOfSatisfying(
                        CallOutcome.Failed.class,
                        failed -> assertThat(failed.type()).isEqualTo("busy"));
        assertThat(a.count(NodeCounter.BUSY) + b.count(NodeCounter.BUSY)).isEqualTo(1);
        gate.countDown();
        calls.forEach(call -> assertThat(soon(call)).isEqualTo(new CallOutcome.Ok<>("x")));
        eventually()
                .untilAsserted(() ->
                        assertThat(atA.call(node, WORDS, "x", SECOND)).isEqualTo(new CallOutcome.Ok<>(List.of("x"))));
    }

    @Test
    void callAllGivesAnOutcomeForEachNode() {
        Nodes.One c = nodes.alone("c");
        procedures(c);
        nodes.join(a, b, c);
        serveAll();
        Map<String, CallOutcome<List<String>>> outcomes =
                atA.callAll(List.of(B, "c@local", A, B, "nobody@local"), WORDS, "x y", SECOND);
        assertThat(outcomes)
                .containsExactly(
                        Map.entry(B, new CallOutcome.Ok<>(List.of("x", "y"))),
                        Map.entry("c@local", new CallOutcome.NoSuchProcedure<>("c@local", "words")),
                        Map.entry(A, new CallOutcome.Ok<>(List.of("x", "y"))),
                        Map.entry("nobody@local", new CallOutcome.Unreachable<>("nobody@local")));
    }

    @Test
    void callAllHasOneDeadlineForAll() {
        nodes.join(a, b);
        serveAll();
        var all = go(() -> atA.callAll(List.of(A, B, "nobody@local"), WAIT, "x", SECOND));
        eventually().until(() -> running.get() == 2);
        nodes.time.advance(SECOND);
        assertThat(soon(all))
                .containsExactly(
                        Map.entry(A, new CallOutcome.TimedOut<>(SECOND)),
                        Map.entry(B, new CallOutcome.TimedOut<>(SECOND)),
                        Map.entry("nobody@local", new CallOutcome.Unreachable<>("nobody@local")));
        eventually().until(() -> running.get() == 0);
    }

    @Test
    void anInterruptedCallAllEndsAllOfThem() {
        nodes.join(a, b);
        serveAll();
        var caller = new CompletableFuture<Thread>();
        var all = go(() -> {
            caller.complete(Thread.currentThread());
            var outcomes = atA.callAll(List.of(A, B), WAIT, "x", SECOND);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            return outcomes;
        });
        eventually().until(() -> running.get() == 2);
        soon(caller).interrupt();
        assertThat(soon(all).values())
                .allSatisfy(outcome -> assertThat(outcome.toString()).startsWith("Failed[type=interrupted"));
        eventually().until(() -> running.get() == 0);
    }

    @Test
    void callAllThrowsIfTheRequestCannotBeSent() {
        Nodes.One small = nodes.alone("small", Codecs.builder().limit(10));
        Procedures procedures = procedures(small);
        nodes.join(small, b);
        assertThatThrownBy(() -> procedures.callAll(List.of(B), WORDS, "x".repeat(20), SECOND))
                .isInstanceOf(TooLarge.class);
        assertThatThrownBy(() -> procedures.call(B, WORDS, "x".repeat(20), SECOND))
                .isInstanceOf(TooLarge.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {A, B})
    void aCastRunsAndSendsNoReply(String node) {
        nodes.join(a, b);
        Procedure<String, String> note = Procedure.of("note", String.class, String.class);
        var noted = new CompletableFuture<String>();
        for (Procedures procedures : List.of(atA, atB)) {
            procedures.serve(note, text -> {
                if (text.equals("fail")) {
                    throw new IllegalStateException("an implementation of this test fails");
                }
                noted.complete(text + " " + Correlation.current().orElse("none"));
                return text;
            });
        }
        atA.cast(node, note, "fail");
        try (var _ = Correlation.with("abc")) {
            atA.cast(node, note, "x");
        }
        assertThat(soon(noted)).isEqualTo("x abc");
        atA.cast(node, WORDS, "x");
        eventually().until(() -> a.count(NodeCounter.NO_PROCESS) + b.count(NodeCounter.NO_PROCESS) == 1);
        atA.cast("nobody@local", note, "x");
        assertThat(a.count(NodeCounter.UNSENT)).isEqualTo(1);
    }

    /** Another node must not fill the log of this one. */
    @Test
    void proceduresThatFailAreLoggedAtARate() {
        nodes.join(a, b);
        var failed = new AtomicInteger();
        Procedure<String, String> falling = Procedure.of("falling", String.class, String.class);
        Procedure<String, String> nothing = Procedure.of("nothing", String.class, String.class);
        atB.serve(falling, text -> {
            failed.incrementAndGet();
            throw new IllegalStateException(text);
        });
        atB.serve(nothing, _ -> returnsNull());
        for (int i = 1; i <= 30; i++) {
            int cast = i;
            atA.cast(B, falling, "a\nb");
            eventually().until(() -> failed.get() == cast);
            assertThat(atA.call(B, nothing, "x", SECOND)).isInstanceOf(CallOutcome.Failed.class);
        }
        eventually().until(() -> RecordedLog.linesAbout("\"falling\" failed").size() == 20);
        assertThat(RecordedLog.linesAbout("\"nothing\" returned null")).hasSize(20);
    }

    @SuppressWarnings("NullAway") // on purpose
    private static String returnsNull() {
        return null;
    }

    @ParameterizedTest
    @ValueSource(strings = {A, B})
    void theImplementationHasTheCorrelationOfItsCaller(String node) {
        nodes.join(a, b);
        Procedure<String, String> which = Procedure.of("which", String.class, String.class);
        atA.serve(which, text -> Correlation.current().orElse("none"));
        atB.serve(which, text -> Correlation.current().orElse("none"));
        try (var _ = Correlation.with("abc")) {
            assertThat(atA.callAll(List.of(node), which, "", SECOND)).containsValue(new CallOutcome.Ok<>("abc"));
        }
        assertThat(atA.call(node, which, "", SECOND)).isEqualTo(new CallOutcome.Ok<>("none"));
    }

    @Test
    void aNameIsServedOnceAndWithTypesThatCanBeSent() {
        atA.serve(WORDS, text -> List.of());
        assertThatThrownBy(() -> atA.serve(WORDS, text -> List.of())).hasMessageContaining("served already");
        assertThatThrownBy(() -> atA.serve(Procedure.of("x", Runnable.class, String.class), task -> ""))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Procedure.of("a b", String.class, String.class))
                .hasMessageContaining("name");
        Procedure<String, Integer> other = Procedure.of("words", String.class, Integer.class);
        assertThatThrownBy(() -> atA.call(A, other, "x", SECOND)).hasMessageContaining("is served from");
        assertThat(a.stat("calls_waiting")).isZero();
    }

    @Test
    void aRequestOrAnAnswerOfAnotherTypeFails() {
        nodes.join(a, b);
        serveAll();
        Procedure<Integer, List<String>> badRequest =
                Procedure.of("words", Type.of(Integer.class), new Type<List<String>>() {});
        Procedure<String, Integer> badAnswer = Procedure.of("words", String.class, Integer.class);
        assertThat(atA.call(B, badRequest, 1, SECOND))
                .isInstanceOfSatisfying(
                        CallOutcome.Failed.class,
                        failed -> assertThat(failed.type()).isEqualTo("undecodable"));
        assertThat(atA.call(B, badAnswer, "x", SECOND))
                .isInstanceOfSatisfying(
                        CallOutcome.Failed.class,
                        failed -> assertThat(failed.type()).isEqualTo("undecodable"));
        assertThat(b.count(NodeCounter.UNDECODABLE)).isEqualTo(1);
        assertThat(a.count(NodeCounter.UNDECODABLE)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {A, B})
    void manyCallsAtOnceEndWithTheirOwnAnswers(String node) throws Exception {
        nodes.join(a, b);
        serveAll();
        var barrier = new CyclicBarrier(4);
        List<CompletableFuture<Integer>> callers = new ArrayList<>();
        for (int caller = 0; caller < 4; caller++) {
            String name = "c" + caller;
            callers.add(go(() -> {
                try {
                    barrier.await();
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
                int right = 0;
                for (int i = 0; i < 200; i++) {
                    CallOutcome<Reserved> outcome = atA.call(node, RESERVE, new Reserve(name, i), Duration.ofDays(1));
                    right += outcome.equals(new CallOutcome.Ok<>(new Reserved(name + "-" + i))) ? 1 : 0;
                    assertThat(outcome.toString()).matches("Ok.*" + name + "-" + i + ".*|Failed\\[type=busy.*");
                }
                return right;
            }));
        }
        assertThat(callers.stream().mapToInt(Nodes::soon).sum()).isGreaterThan(200);
        eventually().until(() -> b.stat("calls_served") == 0 && a.stat("calls_waiting") == 0);
        assertThat(nodes.time.waiting()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {A, B})
    void aProcedureThatReturnsNullSaysSo(String node) {
        nodes.join(a, b);
        atA.serve(WAIT, _ -> null);
        atB.serve(WAIT, _ -> null);
        assertThat(soon(go(() -> atA.call(node, WAIT, "x", SECOND))))
                .isEqualTo(new CallOutcome.Failed<>(
                        "unencodable",
                        "The procedure \"wait\" returned null; declare its response as Optional, or give a value."));
    }

    @Test
    void aThreadIsNoRequest() {
        assertThatThrownBy(() -> atA.serve(Procedure.of("run", Thread.class, String.class), Thread::getName))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it is a class of the JDK, not a value. Take a record.");
    }

    @Test
    void aCallTakesTime() {
        assertThatThrownBy(() -> atA.call(A, WAIT, "x", Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The timeout of a call is PT0S, so that nothing would be sent; give more than 0.");
        assertThatThrownBy(() -> atA.callAll(List.of(A), WAIT, "x", Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
