package io.heliodor.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.benchmarks.FakeServer.Mistakes;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("long")
class PresenceRunTests {
    private static final Mistakes NONE = new Mistakes() {};

    /** For some joins, on a machine that does other work. */
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(2);

    private final Progress progress =
            new Progress(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8), false);

    private static Server running(FakeServer server) {
        return running(server.target());
    }

    private static Server running(Target target) {
        return new Server.Running(
                List.of(target), List.of(ProcessHandle.current().pid()));
    }

    private PresenceResult.StormResult storm(Mistakes mistakes, int members, Duration patience) throws Exception {
        try (FakeServer server = new FakeServer(mistakes)) {
            return PresenceRun.storm(members, patience, Duration.ofMillis(50), running(server), progress);
        }
    }

    private static PresenceResult result(PresenceResult.StormResult storm) {
        return new PresenceResult(Map.of(), Optional.of(storm), List.of(), List.of(), List.of());
    }

    @Test
    void aStormEndsWhenAllHoldTheSame() throws Exception {
        PresenceResult.StormResult storm = storm(NONE, 8, Duration.ofSeconds(20));
        assertThat(storm.same()).as("%s", storm).isTrue();
        assertThat(storm.clean()).isTrue();
        assertThat(storm.messages().replies()).isEqualTo(8);
        assertThat(storm.messages().states()).isEqualTo(8);
        assertThat(storm.messages().diffs()).isEqualTo(8 * 9 / 2);
        assertThat(storm.messages().total()).isEqualTo(8 + 8 + 36);
        assertThat(storm.server().orElseThrow().memoryMax())
                .isGreaterThanOrEqualTo(storm.server().orElseThrow().memoryBefore())
                .isPositive();
        assertThat(PresenceReport.of(result(storm))).contains("8 of 8 hold all", "all the same: yes", "36 diffs");
    }

    @Test
    void aMemberThatMissesAJoinIsNotComplete() throws Exception {
        // The first to join gets all others by diffs alone. It need not be the first to connect.
        AtomicInteger first = new AtomicInteger(-1);
        Mistakes forgets = new Mistakes() {
            @Override
            public boolean getsJoin(int member, String user) {
                first.compareAndSet(-1, member);
                return member != first.get() || !List.of("user-3", "user-4").contains(user);
            }
        };
        PresenceResult.StormResult storm = storm(forgets, 6, Duration.ofSeconds(3));
        assertThat(storm.complete()).as("%s", storm).isEqualTo(5);
        assertThat(storm.same()).isFalse();
        assertThat(storm.clean()).isFalse();
        assertThat(PresenceReport.of(result(storm))).contains("all the same: NO");
    }

    @Test
    void newcomersGetTheirStateAndAnotherMemberGetsTheirDiffs() throws Exception {
        try (FakeServer server = new FakeServer(NONE)) {
            PresenceResult.JoinsResult joins =
                    PresenceRun.newcomers(0, 3, 40, Duration.ofMillis(100), LONG_ENOUGH, running(server), progress);
            assertThat(joins.clean()).as("%s", joins).isTrue();
            assertThat(joins.stateBytes()).isPositive();
            assertThat(joins.diffBytes()).isPositive();
            assertThat(joins.ownStateMicros()).isPresent();
            assertThat(joins.otherDiffMicros()).isPresent();
            assertThat(joins.cpuMillisPerJoin()).isPresent();
            PresenceResult all = new PresenceResult(Map.of(), Optional.empty(), List.of(joins), List.of(), List.of());
            assertThat(PresenceReport.of(all)).contains("0 present", "own state", "for a join and its leave");
            assertThat(OutputOptions.json(all)).contains("\"own_state_micros\":{\"p50\"");
        }
    }

    @Test
    void aJoinThatAnotherMemberDoesNotGetIsMissing() throws Exception {
        AtomicReference<String> first = new AtomicReference<>("null");
        Mistakes forgets = new Mistakes() {
            @Override
            public boolean getsJoin(int member, String user) {
                first.compareAndSet("null", user);
                return !user.equals(first.get());
            }
        };
        try (FakeServer server = new FakeServer(forgets)) {
            PresenceResult.JoinsResult joins =
                    PresenceRun.newcomers(0, 2, 40, Duration.ZERO, LONG_ENOUGH, running(server), progress);
            assertThat(joins.missing()).as("%s", joins).isEqualTo(1);
            assertThat(joins.clean()).isFalse();
        }
    }

    @Test
    void aServerThatIsNotThereFailsTheRun() throws Exception {
        try (ClosedPort closed = new ClosedPort()) {
            Server absent = running(closed.target());
            assertThatThrownBy(() -> PresenceRun.storm(2, Duration.ofSeconds(1), Duration.ZERO, absent, progress))
                    .isInstanceOf(RunFailed.class)
                    .hasMessageContaining("0 of 2 clients connected");
        }
    }
}
