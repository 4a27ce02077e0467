package io.heliodor.interop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.interop.hosts.WithHosts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Three hosts. The network of one is down for some seconds, or carries little: nothing is lost, and no session ends. */
@WithHosts
@Isolated("on a machine that other tests use up, an outage is longer for a node")
@Tag("long")
class OutageIT {
    /** Failure detection takes 10 s or longer. After an outage TCP sends lost bytes again after a pause of up to its length. */
    private static final Duration OUTAGE = Duration.parse(System.getProperty("heliodor.outage", "PT5S"));

    private static final Duration PAUSE = Duration.ofMillis(100);

    /** A link of 400 kbit/s needs longer for this message than a session lasts without progress. */
    private static final int KBYTES_A_SECOND = 50;

    private static final int LARGE = 800_000;
    private static final String PROBE = "probe";

    private Spaces spaces;
    private NodeShell publisher;
    private NodeShell far;
    private Map<NodeShell, Integer> marks;

    @BeforeEach
    void start() {
        spaces = new Spaces(3, Optional.empty());
        publisher = spaces.node(0);
        far = spaces.node(2);
        far.ok("subscribe news");
        far.ok("register far");
        Clusters.eventually(
                Clusters.HEALED,
                () -> assertThat(publisher.ok("lookup far").text("node")).isEqualTo(far.name()));
        publisher.ok("monitor far");
        spaces.allReachAll(Duration.ofSeconds(10));
        // Nothing else proves that the publisher has the interest of the far node.
        Clusters.eventually(Clusters.HEALED, () -> {
            publisher.ok("publish news " + PROBE);
            assertThat(far.since(0, Happening.of("message").with("topic", "news")))
                    .isNotEmpty();
        });
        marks = Clusters.marks(spaces.nodes);
    }

    @AfterEach
    void end() {
        if (spaces != null) {
            spaces.close();
        }
    }

    private List<String> received() {
        return far.since(marks.get(far), Happening.of("message").with("topic", "news")).stream()
                .map(message -> message.text("text"))
                .filter(text -> !text.equals(PROBE))
                .toList();
    }

    private void nothingEnded() {
        Clusters.noMemberDied(spaces.nodes, marks);
        assertThat(publisher.since(marks.get(publisher), Happening.of("down").with("name", "far")))
                .as("monitors of a living process that fired")
                .isEmpty();
        Clusters.allKeptToTheContract(spaces.nodes);
    }

    @Test
    void anOutageLosesNoMessageAndEndsNoSession() {
        List<String> published = new ArrayList<>();
        spaces.network.split(List.of(2), List.of(0, 1));
        long end = System.nanoTime() + OUTAGE.toNanos();
        while (System.nanoTime() < end) {
            published.add("message " + published.size());
            publisher.ok("publish news " + published.getLast());
            Clusters.pause(PAUSE);
        }
        spaces.network.heal();
        Clusters.eventually(
                Clusters.HEALED,
                () -> assertThat(received())
                        .as(() -> publisher.describe() + far.describe())
                        .isEqualTo(published));
        nothingEnded();
    }

    @Test
    void aLargeMessageOverAThinLinkArrives() {
        for (int host : List.of(0, 1)) {
            spaces.network.limit(host, 2, KBYTES_A_SECOND);
            spaces.network.limit(2, host, KBYTES_A_SECOND);
        }
        String large = "x".repeat(LARGE);
        publisher.ok("publish news " + large);
        publisher.ok("publish news small");
        Clusters.eventually(Duration.ofMinutes(2), () -> assertThat(received()).hasSize(2));
        assertThat(received()).containsExactly(large, "small");
        nothingEnded();
    }
}
