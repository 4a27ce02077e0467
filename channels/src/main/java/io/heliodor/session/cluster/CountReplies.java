package io.heliodor.session.cluster;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.pubsub.engine.Nodes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadFactory;

/**
 * Sends the counts of received pushes to the endpoints that await them: one request to an endpoint at a time, with all counts that
 * wait for it. Any thread may use it; no method blocks.
 */
final class CountReplies {
    /** The name of the requests, before the number of the endpoint. */
    static final String REQUESTS = "pushed/";

    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final int COUNT_BYTES = Long.BYTES + Integer.BYTES;
    private static final byte[] NOTHING = {};
    private static final ThreadFactory THREADS =
            Thread.ofVirtual().name("heliodor-pushed").factory();

    private final Nodes nodes;
    private final int maxWaiting;
    private final Runnable cut;

    /** An endpoint without a thread that sends to it has no queue. */
    @GuardedBy("this")
    private final Map<Recipient, ArrayDeque<Count>> waiting = new HashMap<>();

    private record Recipient(String node, int endpoint) {}

    /**
     * The number of connections of a node that were sent a push.
     *
     * @param push the number of the push
     * @param connections 0 or more
     */
    record Count(long push, int connections) {}

    CountReplies(Nodes nodes, int maxWaiting, Runnable cut) {
        this.nodes = nodes;
        this.maxWaiting = maxWaiting;
        this.cut = cut;
    }

    /** Sends a count soon. The oldest one that waits for the endpoint is dropped if there are too many. */
    synchronized void send(IdPush.Origin to, int connections) {
        Recipient recipient = new Recipient(to.node(), to.endpoint());
        ArrayDeque<Count> queue = waiting.get(recipient);
        if (queue == null) {
            queue = new ArrayDeque<>();
            waiting.put(recipient, queue);
            THREADS.newThread(() -> sendAll(recipient)).start();
        } else if (queue.size() >= maxWaiting) {
            Count _ = queue.remove();
            cut.run();
        }
        queue.add(new Count(to.push(), connections));
    }

    private void sendAll(Recipient recipient) {
        for (List<Count> counts = take(recipient); !counts.isEmpty(); counts = take(recipient)) {
            byte[] request = write(nodes.self().name(), counts);
            nodes.others().stream()
                    .filter(node -> node.name().equals(recipient.node()))
                    .findFirst()
                    .ifPresent(node -> nodes.request(node, REQUESTS + recipient.endpoint(), request, TIMEOUT));
        }
    }

    /** All counts that wait for an endpoint; if there are none, its queue ends, and the thread with it. */
    private synchronized List<Count> take(Recipient recipient) {
        ArrayDeque<Count> queue = waiting.getOrDefault(recipient, new ArrayDeque<>());
        List<Count> all = new ArrayList<>(queue);
        queue.clear();
        if (all.isEmpty()) {
            waiting.remove(recipient);
        }
        return all;
    }

    private static byte[] write(String self, List<Count> counts) {
        BinaryWriter out = new BinaryWriter(64 + counts.size() * COUNT_BYTES).int32Text(self);
        counts.forEach(count -> out.int64(count.push()).int32(count.connections()));
        return out.toBytes();
    }

    /** Receives counts. */
    @FunctionalInterface
    interface Receiver {
        void counted(String node, Count count);
    }

    /** Handles the requests of other nodes. */
    static Nodes.RequestHandler handler(Receiver receiver) {
        return request -> {
            BinaryReader in = new BinaryReader(request);
            String node = in.int32Text();
            while (in.more()) {
                receiver.counted(node, new Count(in.int64(), in.int32()));
            }
            return NOTHING;
        };
    }
}
