package io.heliodor.link.jgroups;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Peer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectionRecoveryTests {
    private static final Peer BEN = new Peer("ben@host", 2);

    private final List<String> steps = new ArrayList<>();

    /** Runs a recovery with these answers of the network: silent or not, and whether a handshake succeeds. */
    private List<String> run(List<Boolean> silent, List<Boolean> answers) throws InterruptedException {
        Iterator<Boolean> nextSilent = silent.iterator();
        Iterator<Boolean> nextAnswer = answers.iterator();
        new ConnectionRecovery(
                        _ -> nextSilent.next(),
                        _ -> nextAnswer.next(),
                        _ -> steps.add("abort"),
                        time -> steps.add(time.toString()))
                .run(BEN);
        assertThat(nextSilent.hasNext() || nextAnswer.hasNext()).isFalse();
        return steps;
    }

    @Test
    void aMemberThatIsNotSilentKeepsItsConnection() throws InterruptedException {
        assertThat(run(List.of(false), List.of())).isEmpty();
    }

    @Test
    void aConnectionIsKeptWhileNoHandshakeSucceeds() throws InterruptedException {
        assertThat(run(List.of(true, true, false), List.of(false, false))).containsExactly("PT0.3S", "PT0.3S");
    }

    @Test
    void aConnectionThatHangsIsAborted() throws InterruptedException {
        assertThat(run(List.of(true, true, true, false), List.of(false, true)))
                .containsExactly("PT0.3S", "abort", "PT3S");
    }

    @Test
    void aConnectionOnWhichSomethingComesDuringTheHandshakeIsKept() throws InterruptedException {
        assertThat(run(List.of(true, false, false), List.of(true))).containsExactly("PT0.3S");
    }

    @Test
    void theAttemptsEndWithTheWire() throws InterruptedException {
        var recovery = new ConnectionRecovery[1];
        recovery[0] = new ConnectionRecovery(
                _ -> true, _ -> steps.add("handshake") && steps.size() > 1, _ -> steps.add("abort"), time -> {
                    if (steps.size() > 2) {
                        recovery[0].close();
                    }
                });
        recovery[0].run(BEN);
        assertThat(steps).containsExactly("handshake", "handshake", "abort");
        recovery[0].run(BEN);
        assertThat(steps).hasSize(3);
    }

    @Test
    void noConnectionIsAbortedAfterTheEnd() throws InterruptedException {
        var recovery = new ConnectionRecovery[1];
        recovery[0] = new ConnectionRecovery(
                _ -> true,
                _ -> {
                    recovery[0].close();
                    return true;
                },
                _ -> steps.add("abort"),
                _ -> {});
        recovery[0].run(BEN);
        assertThat(steps).isEmpty();
    }
}
