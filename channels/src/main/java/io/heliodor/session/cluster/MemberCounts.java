package io.heliodor.session.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToIntFunction;

/** The numbers of members of topics on all nodes, which the nodes request from each other. Any thread may use it. */
public final class MemberCounts implements Nodes.RequestHandler {
    private static final String NAME = "members";
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final Nodes nodes;
    private final ToIntFunction<String> localCount;

    private MemberCounts(Nodes nodes, ToIntFunction<String> localCount) {
        this.nodes = nodes;
        this.localCount = localCount;
    }

    /**
     * Reports the numbers of this node from now on, as long as the pub/sub is open: any endpoint reports for all of this node.
     *
     * @param nodes the nodes
     * @param localCount the number of members of a topic on all endpoints of this node
     */
    public static MemberCounts over(Nodes nodes, ToIntFunction<String> localCount) {
        MemberCounts counts = new MemberCounts(nodes, localCount);
        Nodes.HandlerRegistration _ = nodes.handle(NAME, counts);
        return counts;
    }

    /** The number of members on this node and on others that subscribe to the topic. Blocks until they have answered. */
    public int count(String topic, List<NodeId> remoteNodes) {
        byte[] request = topic.getBytes(UTF_8);
        // At once: their waits would add up.
        List<CompletableFuture<Integer>> others = remoteNodes.stream()
                .map(node -> CompletableFuture.supplyAsync(
                        () -> nodes.request(node, NAME, request, TIMEOUT)
                                .filter(answer -> answer.length == Integer.BYTES)
                                .map(answer -> ByteBuffer.wrap(answer).getInt())
                                .orElse(0),
                        task -> Thread.ofVirtual().name("heliodor-members").start(task)))
                .toList();
        return localCount.applyAsInt(topic)
                + others.stream().mapToInt(CompletableFuture::join).sum();
    }

    @Override
    public byte[] handle(byte[] topic) {
        return ByteBuffer.allocate(Integer.BYTES)
                .putInt(localCount.applyAsInt(new String(topic, UTF_8)))
                .array();
    }

    /** The next endpoint of this node may take the name. */
    @Override
    public boolean isReplaceable() {
        return true;
    }
}
