package io.heliodor.link.jgroups;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Peer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessEndTests {
    private static final Peer BEN = new Peer("ben@host", 2);

    private final List<String> steps = new ArrayList<>();

    /** The steps after the end of a connection, by whether the port refuses at once and later, and another member reaches it. */
    private List<String> check(boolean atOnce, boolean later, boolean reached) {
        new ProcessEnd(
                        _ -> steps.isEmpty() ? atOnce : later,
                        _ -> reached,
                        _ -> steps.add("exclude"),
                        Duration.ofMillis(250),
                        time -> steps.add(time.toString()))
                .check(BEN);
        return steps;
    }

    @Test
    void aProcessWhosePortRefusesHasEnded() {
        assertThat(check(true, true, false)).containsExactly("PT0.25S", "exclude");
    }

    @Test
    void aPortThatDoesNotRefuseIsLeftToTheVerification() {
        assertThat(check(false, true, false)).isEmpty();
    }

    /** A firewall may reset and refuse connections of one pair. */
    @Test
    void aMemberThatAnotherOneReachesIsNotExcluded() {
        assertThat(check(true, true, true)).containsExactly("PT0.25S");
    }

    @Test
    void aPortThatListensAgainIsLeftToTheVerification() {
        assertThat(check(true, false, false)).containsExactly("PT0.25S");
    }
}
