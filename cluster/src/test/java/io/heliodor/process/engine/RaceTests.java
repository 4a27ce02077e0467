package io.heliodor.process.engine;

import static io.heliodor.process.engine.Nodes.eventually;
import static io.heliodor.process.engine.Nodes.go;
import static io.heliodor.process.engine.Nodes.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.process.CallOutcome;
import io.heliodor.process.Exit;
import io.heliodor.process.Pid;
import io.heliodor.process.ReplyTo;
import io.heliodor.type.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Concurrent events: in any order, each call ends once and each monitor fires once. */
@Timeout(60)
class RaceTests {
    private static final int ROUNDS = 400;
    private static final Duration FOR_EVER = Duration.ofDays(1);

    record Ask(boolean last, ReplyTo<String> reply) {}

    @AutoClose
    private final Nodes nodes = new Nodes();

    private final Nodes.One a = nodes.alone("a");
    private final Nodes.One b = nodes.alone("b");

    private Pid<Ask> ending(boolean remote) {
        Pid<Ask> pid = (remote ? b : a).processes.spawn(Type.of(Ask.class), inbox -> {
            while (true) {
                Ask ask = inbox.receive();
                if (ask.last()) {
                    return;
                }
                ask.reply().reply("yes");
            }
        });
        return a.processes.pid(Processes.idOf(pid), Type.of(Ask.class));
    }

    private static CallOutcome<String> ask(Pid<Ask> pid, boolean last, Duration timeout) {
        return pid.call(reply -> new Ask(last, reply), timeout);
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aProcessEndsWhileCallsArrive(boolean remote) {
        nodes.join(a, b);
        for (int round = 0; round < ROUNDS; round++) {
            Pid<Ask> pid = ending(remote);
            var barrier = new CyclicBarrier(4);
            List<CompletableFuture<CallOutcome<String>>> calls = new ArrayList<>();
            for (int caller = 0; caller < 4; caller++) {
                boolean last = caller == round % 4;
                calls.add(go(() -> {
                    meet(barrier);
                    return ask(pid, last, FOR_EVER);
                }));
            }
            for (int caller = 0; caller < 4; caller++) {
                CallOutcome<String> outcome = soon(calls.get(caller));
                boolean down = outcome instanceof CallOutcome.TargetDown<String>(var exit)
                        && (exit.equals(new Exit.Normal()) || exit.equals(new Exit.NoProcess()));
                assertThat(down || (caller != round % 4 && outcome.equals(new CallOutcome.Ok<>("yes"))))
                        .as("%s in round %d", outcome, round)
                        .isTrue();
            }
        }
        eventually().until(() -> b.stat("calls_served") == 0 && a.stat("calls_waiting") == 0);
        assertThat(nodes.time.waiting()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aMonitorIsSetWhileItsProcessEnds(boolean remote) {
        nodes.join(a, b);
        List<AtomicInteger> fired = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            Pid<Ask> pid = ending(remote);
            var count = new AtomicInteger();
            fired.add(count);
            var barrier = new CyclicBarrier(2);
            var ended = go(() -> {
                meet(barrier);
                return ask(pid, true, FOR_EVER);
            });
            meet(barrier);
            a.processes.monitor(pid, down -> count.incrementAndGet());
            soon(ended);
        }
        eventually().untilAsserted(() -> assertThat(fired).allMatch(count -> count.get() == 1));
        eventually().until(() -> a.stat("monitors") == 0 && b.stat("monitors_served") == 0);
        assertThat(fired).allMatch(count -> count.get() == 1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anAnswerComesWhileTheTimeRunsOut(boolean remote) {
        nodes.join(a, b);
        Pid<Ask> pid = ending(remote);
        Duration second = Duration.ofSeconds(1);
        for (int round = 0; round < ROUNDS; round++) {
            var call = go(() -> ask(pid, false, second));
            eventually().until(() -> call.isDone() || nodes.time.waiting() == 1);
            nodes.time.advance(second);
            assertThat(soon(call)).isIn(new CallOutcome.Ok<>("yes"), new CallOutcome.TimedOut<>(second));
        }
        eventually().until(() -> b.stat("calls_served") == 0 && a.stat("calls_waiting") == 0);
        assertThat(nodes.time.waiting()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sessionsEndAndOpenWhileCallsAndMonitorsAreMade(boolean oneSide) throws Exception {
        nodes.join(a, b);
        Pid<Ask> pid = ending(true);
        var stopped = new AtomicInteger();
        var fired = new AtomicInteger();
        List<CompletableFuture<Integer>> callers = new ArrayList<>();
        for (int caller = 0; caller < 4; caller++) {
            callers.add(go(() -> {
                int monitors = 0;
                while (stopped.get() == 0) {
                    a.processes.monitor(pid, down -> fired.incrementAndGet());
                    monitors++;
                    CallOutcome<String> outcome = ask(pid, false, Duration.ofSeconds(1));
                    assertThat(outcome)
                            .isInstanceOfAny(
                                    CallOutcome.Ok.class,
                                    CallOutcome.TargetDown.class,
                                    CallOutcome.TimedOut.class,
                                    CallOutcome.Unreachable.class);
                }
                return monitors;
            }));
        }
        for (int round = 0; round < ROUNDS / 2; round++) {
            a.link.close(b.link);
            a.link.open(b.link);
            if (!oneSide) {
                b.link.close(a.link);
                b.link.open(a.link);
                // An answer may be lost with the session.
                nodes.time.advance(Duration.ofSeconds(1));
            }
        }
        stopped.set(1);
        eventually().until(() -> {
            nodes.time.advance(Duration.ofSeconds(1));
            return callers.stream().allMatch(CompletableFuture::isDone);
        });
        int monitors = callers.stream().mapToInt(Nodes::soon).sum();
        assertThat(soon(go(() -> ask(pid, true, FOR_EVER)))).isInstanceOf(CallOutcome.TargetDown.class);
        eventually().untilAsserted(() -> assertThat(fired).hasValue(monitors));
        eventually().until(() -> a.stat("monitors") == 0 && b.stat("monitors_served") == 0);
        eventually().until(() -> b.stat("calls_served") == 0 && a.stat("calls_waiting") == 0);
        assertThat(fired).hasValue(monitors);
    }
}
