package io.heliodor.link.jgroups;

import static io.heliodor.link.jgroups.socket.Prober.Sign.ALIVE;
import static io.heliodor.link.jgroups.socket.Prober.Sign.GONE;
import static io.heliodor.link.jgroups.socket.Prober.Sign.NONE;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Peer;
import io.heliodor.link.jgroups.socket.Prober;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/** Attempts in virtual time: a task that waits continues when the time has come. */
class ConnectionRecoveryTests {
    private static final Peer BEN = new Peer("ben@host", 2);
    private static final String GRACE = ConnectionRecovery.GRACE.toString();
    private static final String EVERY = ConnectionRecovery.EVERY.toString();

    private final List<String> steps = new ArrayList<>();
    private final Queue<Boolean> silent = new ArrayDeque<>();
    private final Queue<Prober.Sign> signs = new ArrayDeque<>();

    private final ConnectionRecovery recovery = new ConnectionRecovery(
            _ -> silent.remove(),
            _ -> signs.remove(),
            _ -> steps.add("replace"),
            _ -> steps.add("gone"),
            time -> steps.add(time.toString()),
            Runnable::run);

    /** Runs a recovery with these answers of the network: silent or not, and the signs of handshakes. */
    private List<String> run(List<Boolean> silent, List<Prober.Sign> signs) {
        this.silent.addAll(silent);
        this.signs.addAll(signs);
        recovery.start(BEN);
        assertThat(this.silent).isEmpty();
        assertThat(this.signs).isEmpty();
        return steps;
    }

    @Test
    void aMemberThatIsNotSilentKeepsItsConnection() {
        assertThat(run(List.of(false), List.of())).isEmpty();
    }

    @Test
    void aConnectionIsKeptWhileNoHandshakeSucceeds() {
        assertThat(run(List.of(true, true, false), List.of(NONE, NONE))).containsExactly(EVERY, EVERY);
    }

    @Test
    void aConnectionThatHangsIsReplaced() {
        assertThat(run(List.of(true, true, true, false), List.of(NONE, ALIVE)))
                .containsExactly(EVERY, GRACE, "replace", EVERY);
    }

    @Test
    void aConnectionByWhichSomethingComesAMomentAfterTheHandshakeIsKept() {
        assertThat(run(List.of(true, false, false), List.of(ALIVE))).containsExactly(GRACE, EVERY);
    }

    @Test
    void aProcessThatHasEndedIsReportedUnlessSomethingCame() {
        assertThat(run(List.of(true, true, true, false, false), List.of(GONE, GONE)))
                .containsExactly("gone", EVERY, EVERY);
    }

    /** The first packet of an attempt may be lost, and its repetition takes a second. */
    @Test
    void anAttemptDoesNotWaitForTheOneBefore() {
        List<Runnable> waiting = new ArrayList<>();
        var overlapping = new ConnectionRecovery(
                _ -> steps.size() < 3, _ -> NONE, _ -> {}, _ -> {}, time -> steps.add(time.toString()), task -> {
                    if (waiting.isEmpty()) {
                        waiting.add(task);
                        task.run();
                    } else {
                        waiting.add(task);
                    }
                });
        overlapping.start(BEN);
        assertThat(waiting).as("the loop, and attempts that have not ended").hasSize(1 + 3);
    }

    @Test
    void theAttemptsEndWithTheWire() {
        var closing = new ConnectionRecovery[1];
        closing[0] = new ConnectionRecovery(
                _ -> true,
                _ -> {
                    closing[0].close();
                    return ALIVE;
                },
                _ -> steps.add("replace"),
                _ -> steps.add("gone"),
                time -> steps.add(time.toString()),
                Runnable::run);
        closing[0].start(BEN);
        assertThat(steps).containsExactly(GRACE, EVERY);
        closing[0].start(BEN);
        assertThat(steps).hasSize(2);
    }

    @Test
    void anAttemptMayStartAgainAfterItEnded() {
        run(List.of(false), List.of());
        assertThat(run(List.of(true, true, false), List.of(ALIVE))).containsExactly(GRACE, "replace", EVERY);
    }
}
