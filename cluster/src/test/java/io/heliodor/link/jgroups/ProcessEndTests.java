package io.heliodor.link.jgroups;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Peer;
import io.heliodor.link.jgroups.socket.Prober;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessEndTests {
    private static final Peer BEN = new Peer("ben@host", 2);

    private static final String PAUSE = "PT0.25S";

    private final List<String> steps = new ArrayList<>();

    /** The steps after the end of a connection, by the number of attempts that the port refuses, and after how many pauses it is reached. */
    private List<String> check(int refusals, int reachedAfter) {
        return check(refusals, Prober.Port.TAKEN, reachedAfter);
    }

    private List<String> check(int refusals, Prober.Port then, int reachedAfter) {
        int[] attempts = new int[1];
        new ProcessEnd(
                        _ -> attempts[0]++ < refusals ? Prober.Port.REFUSED : then,
                        _ -> steps.size() >= reachedAfter,
                        _ -> steps.add("exclude"),
                        _ -> steps.add("verify"),
                        Duration.ofMillis(1_250),
                        time -> steps.add(time.toString()))
                .check(BEN);
        return steps;
    }

    @Test
    void aProcessWhosePortRefusesAllTheTimeHasEnded() {
        assertThat(check(6, 9)).containsExactly(PAUSE, PAUSE, PAUSE, PAUSE, PAUSE, "exclude");
    }

    @Test
    void aPortThatDoesNotRefuseIsLeftToTheVerification() {
        assertThat(check(0, 9)).containsExactly("verify");
    }

    /** A firewall may reset and refuse connections of one pair. */
    @Test
    void aMemberThatAnotherOneReachesIsNotExcluded() {
        assertThat(check(6, 5)).containsExactly(PAUSE, PAUSE, PAUSE, PAUSE, PAUSE);
    }

    /** A proxy in front of it starts again. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void aMemberWhosePortOpensAgainIsNotExcluded(int refusals) {
        assertThat(check(refusals, 9)).hasSize(refusals).containsOnly(PAUSE);
    }

    /** A container is removed with its address. An attempt without an answer takes a second, so the first one decides. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void aProcessWhoseAddressGoesAfterItIsVerifiedAtOnce(int refusals) {
        List<String> expected = new ArrayList<>(Collections.nCopies(refusals, PAUSE));
        expected.add("verify");
        assertThat(check(refusals, Prober.Port.SILENT, 9)).isEqualTo(expected);
    }

    @Test
    void aCheckThatBeginsDuringAnotherOneDoesNothing() {
        ProcessEnd[] end = new ProcessEnd[1];
        end[0] = new ProcessEnd(
                _ -> Prober.Port.REFUSED,
                _ -> false,
                _ -> steps.add("exclude"),
                _ -> steps.add("verify"),
                Duration.ofSeconds(1),
                _ -> end[0].check(BEN));
        end[0].check(BEN);
        end[0].check(BEN);
        assertThat(steps).containsExactly("exclude", "exclude");
    }
}
