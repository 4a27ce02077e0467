package io.heliodor.session.replication;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.exchange.AntiEntropy;
import io.heliodor.exchange.ReplicaComparison;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compares the positions of this endpoint's logs with those of another node: periodically with each in turn, when a node becomes
 * reachable, and a second after messages to or from it were dropped. Topics whose logs differ catch up.
 */
final class LogComparison {
    private static final Duration INTERVAL = Duration.ofSeconds(10);

    /** The timeout of a response to the report of dropped messages. */
    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    /** A queue that was full drops more than one message as a rule. */
    private static final long DROPPED_DELAY = Duration.ofSeconds(1).toNanos();

    private final ReplicaRequests requests;
    private final KeptLogs<?> logs;
    private final AntiEntropy antiEntropy;

    /** The nodes to or from which messages were dropped, with the time of the comparison. On the listener's thread. */
    private final Map<NodeId, Long> dropped = new HashMap<>();

    LogComparison(ReplicaRequests requests, KeptLogs<?> logs, Nodes nodes) {
        this.requests = requests;
        this.logs = logs;
        this.antiEntropy = new AntiEntropy(
                ReplicaRequests.NAME, nodes, AntiEntropy.Period.NEXT, INTERVAL, HistoryThreads.FACTORY, Pages::new);
    }

    void open() {
        antiEntropy.open();
    }

    /** Messages to or from a node were dropped. */
    void dropped(NodeId node, long nanos) {
        dropped.putIfAbsent(node, nanos + DROPPED_DELAY);
    }

    /** A node left the view. */
    void left(NodeId node) {
        dropped.remove(node);
    }

    /** Time passes. One thread at a time. */
    void tick(long nanos) {
        dropped.entrySet().removeIf(each -> {
            boolean due = nanos - each.getValue() >= 0;
            if (due) {
                HistoryThreads.start(() -> compareBoth(each.getKey()));
            }
            return due;
        });
    }

    /** Begins a comparison with a node. If one is under way, this one follows it. */
    void start(NodeId node) {
        antiEntropy.compare(node);
    }

    /** The other node compares, too: it may have missed the last message of a topic, which only a comparison by itself shows. */
    private void compareBoth(NodeId node) {
        requests.send(node.toString(), TIMEOUT, ReplicaRequests.DROPPED, out -> out.modifiedText(requests.self()));
        start(node);
    }

    void close() {
        antiEntropy.close();
    }

    static byte[] dropped(BinaryReader in, List<KeptLogs<?>> endpoints) throws DecodeException {
        String node = in.modifiedText();
        endpoints.forEach(each -> each.compare(node));
        return new byte[0];
    }

    /** Requests page by page which logs differ from those of the node. */
    private final class Pages implements ReplicaComparison {
        private final String node;
        private final Iterator<? extends List<? extends KeptLog<?>>> pages =
                logs.all().stream().gather(requests.pages()).iterator();

        Pages(NodeId node) {
            this.node = node.toString();
        }

        @Override
        public Optional<byte[]> next() {
            if (!pages.hasNext()) {
                return Optional.empty();
            }
            List<? extends KeptLog<?>> page = pages.next();
            return Optional.of(ReplicaRequests.request(ReplicaRequests.COMPARE, out -> {
                out.int16(page.size());
                page.forEach(topic -> out.modifiedText(topic.name()).int32(topic.hash()));
            }));
        }

        @Override
        public void merge(byte[] response) throws DecodeException {
            topics(response).forEach(name -> logs.find(name).ifPresent(topic -> topic.differs(node)));
        }
    }

    private static List<String> topics(byte[] response) throws DecodeException {
        List<String> topics = new ArrayList<>();
        BinaryReader in = new BinaryReader(response);
        for (int i = in.int16(); i > 0; i--) {
            topics.add(in.modifiedText());
        }
        return topics;
    }

    static byte[] respond(BinaryReader in, List<KeptLogs<?>> endpoints) throws DecodeException {
        List<String> different = new ArrayList<>();
        for (int i = in.int16(); i > 0; i--) {
            String name = in.modifiedText();
            int hash = in.int32();
            if (endpoints.stream()
                    .flatMap(each -> each.find(name).stream())
                    .anyMatch(topic -> topic.differsFrom(hash))) {
                different.add(name);
            }
        }
        BinaryWriter out = new BinaryWriter(64).int16(different.size());
        different.forEach(out::modifiedText);
        return out.toBytes();
    }
}
