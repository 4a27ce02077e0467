package io.heliodor.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.benchmarks.traffic.TrafficServer;
import io.heliodor.endpoint.Endpoint;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each kind of traffic against the server that has them all. */
@Tag("long")
class TrafficTests {
    private static final Duration SHORT = Duration.ofMillis(250);
    private static final int MEMBERS = 5;

    @AutoClose
    private final Endpoint endpoint = new TrafficServer().start();

    private RunResult run(Function<Plan, Scenario> scenario) throws Exception {
        return run(MEMBERS, scenario);
    }

    private RunResult run(int members, Function<Plan, Scenario> scenario) throws Exception {
        Plan plan = new Plan(members, 0, 1, 100, 5_000, Duration.ZERO, SHORT, Duration.ofSeconds(30));
        return run(plan, scenario.apply(plan));
    }

    private RunResult run(Plan plan, Scenario scenario) throws Exception {
        return Run.of(
                new Trial("events", "arrivals", Map.of(), plan, () -> scenario),
                new Server.Running(List.of(Target.of("http://127.0.0.1:" + endpoint.port())), List.of()),
                new Progress(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8), false));
    }

    @ParameterizedTest
    @EnumSource(Traffic.class)
    void messagesArriveOnceAndInOrder(Traffic traffic) throws Exception {
        Load load = new Load(2, 0);
        RunResult result =
                run(plan -> traffic.isRequest() ? new Echo(plan, load, traffic) : new Fanout(plan, load, traffic, 3));
        assertThat(result.clean()).as("%s", result).isTrue();
        assertThat(result.arrivals().orElseThrow().got()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 100, 1_000, 10_000})
    void aTopicOfEachLengthOfHistoryDeliversOnce(int kept) throws Exception {
        RunResult result = run(plan -> new Fanout(plan, new Load(2, 0), Traffic.KEPT, 1, kept));
        assertThat(result.clean()).as("%s", result).isTrue();
        assertThat(result.arrivals().orElseThrow().got()).isPositive();
        assertThat(TrafficServer.KEPT).contains(kept);
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 10_000}) // a state of 1 kB, of 800 kB
    void aPresenceOfTheCrowdChangesForEachRequest(int present) throws Exception {
        RunResult result = run(plan -> new Echo(plan, new Load(2, 0), Traffic.CHANGE, present));
        assertThat(result.clean()).as("%s", result).isTrue();
        assertThat(result.arrivals().orElseThrow().got()).isPositive();
    }

    @Test
    void aClientOfManyTopicsJoinsAllAndBroadcastsToEach() throws Exception {
        Plan plan = new Plan(3, 0, 12, 100, 5_000, Duration.ZERO, SHORT, Duration.ofSeconds(30));
        RunResult result = run(plan, new ManyTopics(plan));
        assertThat(result.clean()).as("%s", result).isTrue();
        assertThat(result.arrivals().orElseThrow().got()).isGreaterThan(12);
    }

    @Test
    void aTopicThatIsRefusedEndsTheRun() {
        Plan plan = new Plan(1, 0, 1_001, 100, 5_000, Duration.ZERO, SHORT, Duration.ofSeconds(30));
        assertThatThrownBy(() -> run(plan, new ManyTopics(plan)))
                .isInstanceOf(RunFailed.class)
                .hasMessageContaining("join refused")
                .hasMessageContaining("too many channels joined");
    }

    @Test
    void aSenderDoesNotWaitForItsOwnWhispers() throws Exception {
        RunResult result = run(plan -> new Fanout(plan, new Load(100, 500), Traffic.WHISPER, 2));
        assertThat(result.clean()).as("%s", result).isTrue();
        assertThat(result.arrivals().orElseThrow().due())
                .as("due to four of five")
                .isPositive()
                .matches(due -> due % (MEMBERS - 1) == 0, "four for each message");
    }

    @Test
    void aWhisperWithoutAReceiverIsNotSent() throws Exception {
        RunResult result = run(1, plan -> new Fanout(plan, new Load(1, 0), Traffic.WHISPER, 1));
        assertThat(result.arrivals()).isEmpty();
        assertThat(result.errors()).isZero();
    }
}
