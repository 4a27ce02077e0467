package io.heliodor.session.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.pubsub.engine.Nodes;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The state of the cluster as JSON, also with texts of exceptions. */
class ClusterStateTests {
    private Nodes.Health health =
            new Nodes.Health(Nodes.Health.Status.HEALTHY, List.of("a@host"), List.of(), List.of());
    private long now;

    private final ClusterState state = new ClusterState(
            (Nodes) Proxy.newProxyInstance(
                    Nodes.class.getClassLoader(), new Class<?>[] {Nodes.class}, (_, _, _) -> health),
            () -> now);

    @Test
    void aHealthyClusterHasNoReasons() {
        assertThat(state.json()).isEqualTo("{\"status\":\"healthy\",\"members\":[\"a@host\"],\"unreachable\":[]}");
    }

    @Test
    void reasonsAreTextsOfJson() {
        health = new Nodes.Health(
                Nodes.Health.Status.DEGRADED,
                List.of("a@host", "b@host"),
                List.of("b@host"),
                List.of("the file \"C:\\data\" is full\n", "votes lost"));
        assertThat(state.json())
                .isEqualTo("{\"status\":\"degraded\",\"members\":[\"a@host\",\"b@host\"],\"unreachable\":[\"b@host\"],"
                        + "\"reasons\":[\"the file \\\"C:\\\\data\\\" is full\\n\",\"votes lost\"]}");
    }

    @Test
    void theStateIsAskedForOnceASecond() {
        String first = state.json();
        health = new Nodes.Health(Nodes.Health.Status.ISOLATED, List.of("a@host"), List.of("b@host"), List.of());
        assertThat(state.json()).isEqualTo(first);
        now += TimeUnit.SECONDS.toNanos(1);
        assertThat(state.json()).startsWith("{\"status\":\"isolated\"");
    }
}
