package io.heliodor.link.jgroups;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Peer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class ProcessEndTests {
    private static final Peer BEN = new Peer("ben@host", 2);

    private final List<String> steps = new ArrayList<>();

    /** The steps after the end of a connection, by whether the port refuses at each attempt and another member reaches it. */
    private List<String> check(List<Boolean> refuses, boolean reached) {
        Queue<Boolean> next = new ArrayDeque<>(refuses);
        new ProcessEnd(
                        _ -> next.remove(),
                        _ -> reached,
                        _ -> steps.add("exclude"),
                        Duration.ofMillis(250),
                        time -> steps.add(time.toString()))
                .check(BEN);
        assertThat(next).isEmpty();
        return steps;
    }

    @Test
    void aProcessWhosePortRefusesHasEnded() {
        assertThat(check(List.of(true, true), false)).containsExactly("PT0.25S", "exclude");
    }

    @Test
    void aPortThatDoesNotRefuseIsLeftToTheVerification() {
        assertThat(check(List.of(false), false)).isEmpty();
    }

    /** A firewall may reset and refuse connections of one pair. */
    @Test
    void aMemberThatAnotherOneReachesIsNotExcluded() {
        assertThat(check(List.of(true), true)).containsExactly("PT0.25S");
    }

    @Test
    void aPortThatListensAgainIsLeftToTheVerification() {
        assertThat(check(List.of(true, false), false)).containsExactly("PT0.25S");
    }
}
