package io.heliodor.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.heliodor.benchmarks.FakeServer.Mistakes;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class RunTests {
    private static final Duration SHORT = Duration.ofMillis(250);
    private static final Mistakes NONE = new Mistakes() {};

    private final ByteArrayOutputStream progress = new ByteArrayOutputStream();

    private static Plan plan(int connections, int stalled, Duration heartbeat) {
        return new Plan(connections, stalled, 1, 100, 5_000, Duration.ZERO, SHORT, heartbeat);
    }

    private RunResult run(Mistakes mistakes, Plan plan, Function<Plan, Scenario> scenario) throws Exception {
        try (FakeServer server = new FakeServer(mistakes)) {
            return run(server.target(), plan, scenario);
        }
    }

    private RunResult run(Target target, Plan plan, Function<Plan, Scenario> scenario) throws Exception {
        Trial trial = new Trial("fanout", "deliveries", Map.of(), plan, () -> scenario.apply(plan));
        return Run.of(
                trial,
                new Server.Running(
                        List.of(target), List.of(ProcessHandle.current().pid())),
                new Progress(new PrintStream(progress, true, StandardCharsets.UTF_8), false));
    }

    private static Function<Plan, Scenario> fanout(int window, double rate) {
        return plan -> new Fanout(plan, new Load(window, rate));
    }

    private static RunResult.Arrivals arrivals(RunResult result) {
        return result.arrivals().orElseThrow();
    }

    @Test
    void aClosedLoopSendsTheNextWhenAllMembersHaveTheLast() throws Exception {
        RunResult result = run(NONE, plan(10, 0, SHORT), fanout(1, 0));
        RunResult.Arrivals arrivals = arrivals(result);
        assertThat(result.clean()).as("%s", result).isTrue();
        assertThat(result.joins().joined()).isEqualTo(10);
        assertThat(arrivals.got()).isEqualTo(arrivals.due()).isPositive().matches(got -> got % 10 == 0);
        assertThat(arrivals.measured()).isPositive().isLessThanOrEqualTo(arrivals.got());
        assertThat(result.server().orElseThrow().memory().max()).isPositive();
        assertThat(result.generator().reads()).isPositive();
        assertThat(progress.toString(StandardCharsets.UTF_8)).startsWith("joining 0 s: 0 of 10 joined");
    }

    @Test
    void aLostDeliveryIsMissing() throws Exception {
        Mistakes loses = new Mistakes() {
            @Override
            public int copies(int member, int count) {
                return member == 3 && count == 2 ? 0 : 1;
            }
        };
        RunResult result = run(loses, plan(5, 0, SHORT), fanout(4, 0));
        assertThat(arrivals(result).missing()).as("%s", result).isEqualTo(1);
        assertThat(arrivals(result).unknown()).isZero();
        assertThat(result.clean()).isFalse();
    }

    @Test
    void aRepeatedDeliveryIsUnknownAndNotCounted() throws Exception {
        Mistakes repeats = new Mistakes() {
            @Override
            public int copies(int member, int count) {
                return member == 3 && count == 2 ? 2 : 1;
            }
        };
        RunResult result = run(repeats, plan(5, 0, SHORT), fanout(2, 0));
        assertThat(arrivals(result).unknown()).as("%s", result).isEqualTo(1);
        assertThat(arrivals(result).missing()).isZero();
    }

    @Test
    void aMemberThatIsClosedIsAnErrorAndTheOthersGoOn() throws Exception {
        Mistakes closes = new Mistakes() {
            @Override
            public int closeBefore(int member, int count) {
                return member == 1 && count == 3 ? 4408 : 0;
            }
        };
        RunResult result = run(closes, plan(3, 0, SHORT), fanout(1, 0));
        assertThat(result.failures()).as("%s", result).containsExactly(Map.entry("close 4408", 1L));
        assertThat(arrivals(result).missing()).isZero();
        assertThat(arrivals(result).sent()).isGreaterThan(3);
    }

    @Test
    void aRefusedJoinIsAnErrorWithAWarning() throws Exception {
        Mistakes refuses = new Mistakes() {
            @Override
            public String joinReply(int member) {
                return member == 1
                        ? "{\"status\":\"error\",\"response\":{\"reason\":\"full\"}}"
                        : NONE.joinReply(member);
            }
        };
        RunResult result = run(refuses, plan(3, 0, SHORT), fanout(1, 0));
        assertThat(result.joins().joined()).isEqualTo(2);
        assertThat(result.failures().keySet()).singleElement().asString().contains("join refused", "full");
        assertThat(result.warnings()).contains("only 2 of 3 connections joined");
        assertThat(result.clean()).isFalse();
    }

    @Test
    void stalledClientsAreCheckedAtTheEnd() throws Exception {
        Mistakes closes = new Mistakes() {
            @Override
            public int closeBefore(int member, int count) {
                return member >= 4 && count == 2 ? 4408 : 0;
            }
        };
        Plan oneByOne = new Plan(6, 2, 1, 100, 100, Duration.ZERO, SHORT, SHORT);
        RunResult result = run(closes, oneByOne, fanout(100, 200));
        assertThat(result.stalled()).contains(new RunResult.Stalled(2, 2, Map.of("close 4408", 2L), 0));
        assertThat(result.errors()).isZero();
        // Messages that the schedule sends late, after the measured time, are due as well.
        assertThat(arrivals(result).due())
                .as("due to four of six")
                .isGreaterThanOrEqualTo(4 * arrivals(result).sent())
                .matches(due -> due % 4 == 0, "four for each message");
        assertThat(arrivals(result).missing()).isZero();
    }

    @Test
    void aFixedRateSendsTheDueMessages() throws Exception {
        RunResult result = run(NONE, plan(2, 0, SHORT), fanout(100, 1_000));
        assertThat(result.clean()).as("%s", result).isTrue();
        assertAllDueWasSent(result, 1_000);
        assertThat(result.latencyMicros().orElseThrow().max()).isPositive();
    }

    @Test
    void repliesToEchoAreCounted() throws Exception {
        RunResult closed = run(NONE, plan(4, 0, SHORT), plan -> new Echo(plan, new Load(2, 0)));
        assertThat(closed.clean()).as("%s", closed).isTrue();
        assertThat(arrivals(closed).got()).isPositive();

        RunResult paced = run(NONE, plan(4, 0, SHORT), plan -> new Echo(plan, new Load(8, 500)));
        assertThat(paced.clean()).as("%s", paced).isTrue();
        assertAllDueWasSent(paced, 500);
    }

    private static void assertAllDueWasSent(RunResult result, int rate) {
        long scheduled = arrivals(result).sent() + arrivals(result).unsent();
        assertThat((double) scheduled).as("%s", result).isCloseTo(result.seconds() * rate, within(2.0));
    }

    @Test
    void clientsSendHeartbeatsWhileOthersJoin() throws Exception {
        try (FakeServer server = new FakeServer(NONE)) {
            Plan slowRamp = new Plan(20, 0, 1, 100, 40, Duration.ZERO, Duration.ofNanos(1), Duration.ofMillis(20));
            RunResult result = run(server.target(), slowRamp, Idle::new);
            assertThat(result.heartbeats().sent()).as("%s", result).isGreaterThan(20);
        }
    }

    @Test
    void idleClientsSendHeartbeats() throws Exception {
        try (FakeServer server = new FakeServer(NONE)) {
            RunResult result = run(server.target(), plan(20, 0, Duration.ofMillis(50)), Idle::new);
            assertThat(result.heartbeats().sent()).as("%s", result).isGreaterThan(20);
            assertThat(server.heartbeats()).isPositive();
            assertThat(result.heartbeats().answered()).isPositive();
            assertThat(result.arrivals()).isEmpty();
            assertThat(result.clean()).isTrue();
        }
    }

    @Test
    void theMembersOfATopicAreDistributedToTheNodes() throws Exception {
        try (FakeServer one = new FakeServer(NONE);
                FakeServer two = new FakeServer(NONE)) {
            Server both = new Server() {
                @Override
                public List<Target> targets() {
                    return List.of(one.target(), two.target());
                }

                @Override
                public List<Long> pids() {
                    return List.of();
                }

                @Override
                public void close() {}
            };
            Plan plan = plan(20, 0, Duration.ofMillis(50));
            Trial trial = new Trial("idle", "deliveries", Map.of(), plan, () -> new Idle(plan));
            RunResult result =
                    Run.of(trial, both, new Progress(new PrintStream(progress, true, StandardCharsets.UTF_8), false));
            assertThat(result.clean()).as("%s", result).isTrue();
            assertThat(one.heartbeats()).isPositive();
            assertThat(two.heartbeats()).isPositive();
        }
    }

    @Test
    void aServerThatIsNotThereFailsTheRun() throws Exception {
        try (ClosedPort closed = new ClosedPort()) {
            assertThatThrownBy(() -> run(closed.target(), plan(2, 0, SHORT), fanout(1, 0)))
                    .isInstanceOf(RunFailed.class)
                    .hasMessageContaining("no connection joined")
                    .hasMessageContaining("Connection refused=2");
        }
    }
}
