package io.heliodor.node.pubsub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.node.MemoryCluster;
import io.heliodor.process.CallOutcome;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.Nodes;
import io.heliodor.pubsub.engine.TopicAddress;
import io.heliodor.rpc.Procedure;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class PubSubRequestTests {
    private static final Procedure<PubSubRequest, PubSubRequest.Response> ASK =
            Procedure.of("heliodor.pubsub", PubSubRequest.class, PubSubRequest.Response.class);
    private static final PubSubRequest COUNT = new PubSubRequest("heliodor.count", "größe".getBytes(UTF_8));
    private static final String BYTES = """
            0e68656c696f646f722e636f756e74076772c3b6c39f65
            """;

    /** A change of these bytes is a change of the wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        assertThat(HexFormat.of().formatHex(PubSubRequest.CODEC.encode(COUNT))).isEqualTo(BYTES.strip());
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            cluster.node(1).pubsub().subscribe(Topic.of("größe", String.class), _ -> {});
            PubSubRequest.Response response = cluster.node(0)
                    .rpc()
                    .call(cluster.peer(1).node(), ASK, COUNT, Duration.ofSeconds(20))
                    .orThrow();
            assertThat(HexFormat.of().formatHex(PubSubRequest.Response.CODEC.encode(response)))
                    .isEqualTo("00000001");
        }
    }

    @Test
    void aNodeWithoutAHandlerDiffersFromOneWhoseHandlerFails() {
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            Nodes nodes = ClusterPubSub.nodesOf(cluster.node(0).pubsub().scope("a"));
            Nodes there = ClusterPubSub.nodesOf(cluster.node(1).pubsub().scope("a"));
            there.handle("fails", request -> {
                throw new IllegalStateException("a fault");
            });
            there.handle("echoes", request -> request);
            assertThat(send(nodes, there, "none")).isInstanceOf(Nodes.RequestOutcome.NoHandler.class);
            assertThat(send(nodes, there, "fails")).isInstanceOf(Nodes.RequestOutcome.NoResponse.class);
            assertThat(send(nodes, there, "echoes")).isInstanceOf(Nodes.RequestOutcome.Response.class);
            assertThat(send(nodes, nodes, "none")).isInstanceOf(Nodes.RequestOutcome.NoHandler.class);
        }
    }

    private static Nodes.RequestOutcome send(Nodes from, Nodes to, String name) {
        return from.sendRequest(to.self(), name, new byte[1], Duration.ofSeconds(20));
    }

    @Test
    void aRequestWithoutAHandlerFailsWithItsScopeAndName() {
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            String key = RemoteInterest.key(new TopicAddress(List.of("heliodor.channels"), "none"));
            assertThat(cluster.node(0)
                            .rpc()
                            .call(
                                    cluster.peer(1).node(),
                                    ASK,
                                    new PubSubRequest(key, new byte[0]),
                                    Duration.ofSeconds(20)))
                    .isEqualTo(new CallOutcome.Failed<>(
                            IllegalStateException.class.getName(),
                            "There is no handler of requests to heliodor.channels/none."));
        }
    }
}
