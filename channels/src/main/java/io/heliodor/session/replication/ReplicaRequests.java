package io.heliodor.session.replication;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import io.heliodor.pubsub.engine.Nodes.RequestOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Gatherer;
import java.util.stream.Gatherers;
import org.jspecify.annotations.Nullable;

/**
 * Requests to the histories of other nodes and of other endpoints of this node, and responses to theirs. One endpoint of a node
 * responds for all. Any thread may use it.
 */
final class ReplicaRequests implements AutoCloseable {
    private static final int VERSION = 1;
    static final String NAME = "history";

    /** The messages of a log above a position. */
    static final int CATCH_UP = 0;

    /** The topics whose logs have another position. */
    static final int COMPARE = 1;

    /** The topics of which the node keeps copies from now on. */
    static final int COPY = 2;

    /** The topics of which the node has all up to a position. */
    static final int HAND_OVER = 3;

    /** The node missed messages of this one, and compares its logs with those here. */
    static final int DROPPED = 4;

    /** Responds to one kind of requests, for all endpoints of this node in the order of their numbers. */
    interface Responder {
        byte[] respond(BinaryReader in, List<KeptLogs<?>> endpoints) throws DecodeException;
    }

    /** Collects the endpoints of this node. */
    private interface Collector {
        void add(ReplicaRequests requests);
    }

    private static final Topic<Collector> ENDPOINTS = Topic.of("heliodor.histories", Collector.class);

    private final KeptLogs<?> logs;
    private final Nodes nodes;
    private final PubSub copies;
    private final int number;
    private final Map<Integer, Responder> responders;

    @GuardedBy("this")
    private @Nullable Subscription subscription;

    @GuardedBy("this")
    private @Nullable Subscription registration;

    private volatile boolean closed;

    ReplicaRequests(KeptLogs<?> logs, Nodes nodes, PubSub copies, int number, Map<Integer, Responder> responders) {
        this.logs = logs;
        this.responders = responders;
        this.nodes = nodes;
        this.copies = copies;
        this.number = number;
    }

    synchronized void open() {
        subscription = copies.subscribeInline(ENDPOINTS, collector -> collector.add(this));
        registration = nodes.share(NAME, request -> respond(request, endpoints(true)));
    }

    /** The endpoints of this node over this pub/sub, in the order of their numbers. */
    private List<KeptLogs<?>> endpoints(boolean withThis) {
        List<ReplicaRequests> all = new ArrayList<>();
        copies.broadcastLocally(ENDPOINTS, all::add);
        return all.stream()
                .filter(each -> withThis || each != this)
                .sorted(Comparator.comparingInt(each -> each.number))
                .<KeptLogs<?>>map(each -> each.logs)
                .toList();
    }

    /**
     * Sends a request and blocks until the response arrives.
     *
     * @param node the node; this one stands for its other endpoints
     * @param kind one of the kinds above
     * @return the response; empty if there is none, or this endpoint is closed
     */
    Optional<byte[]> send(String node, Duration timeout, int kind, Consumer<BinaryWriter> body) {
        return sendRequest(node, timeout, kind, body) instanceof RequestOutcome.Response(byte[] content)
                ? Optional.of(content)
                : Optional.empty();
    }

    /** Sends a request as {@link #send} does. Returns the response, or whether the node has no endpoint that responds. */
    RequestOutcome sendRequest(String node, Duration timeout, int kind, Consumer<BinaryWriter> body) {
        if (closed) {
            return new RequestOutcome.NoResponse();
        }
        byte[] request = request(kind, body);
        if (!node.equals(self())) {
            return node(node)
                    .map(id -> nodes.sendRequest(id, NAME, request, timeout))
                    .orElseGet(RequestOutcome.NoResponse::new);
        }
        try {
            return new RequestOutcome.Response(respond(request, endpoints(false)));
        } catch (DecodeException e) {
            throw new AssertionError("a request of this endpoint", e);
        }
    }

    /** The bytes of a request. */
    static byte[] request(int kind, Consumer<BinaryWriter> body) {
        BinaryWriter out = new BinaryWriter(128).put(VERSION).put(kind);
        body.accept(out);
        return out.toBytes();
    }

    /** The pages of topics, each for one request. */
    <T> Gatherer<T, ?, List<T>> pages() {
        return Gatherers.windowFixed(logs.topicsOfRequest());
    }

    /** The other nodes with endpoints, as far as is known here; for some seconds also those whose last one was closed. */
    Set<String> nodesWithEndpoints() {
        return ClusterPubSub.nodesOf(copies).interestedIn(ENDPOINTS).stream()
                .map(NodeId::toString)
                .collect(Collectors.toSet());
    }

    /** This node, as {@link #send} takes it. */
    String self() {
        return nodes.self().toString();
    }

    /** The member of a name as {@link #send} takes it. */
    Optional<NodeId> node(String text) {
        return nodes.members().stream()
                .filter(each -> each.toString().equals(text))
                .findFirst();
    }

    private byte[] respond(byte[] request, List<KeptLogs<?>> endpoints) throws DecodeException {
        BinaryReader in = new BinaryReader(request);
        int version = in.get();
        int kind = in.get();
        Responder responder = responders.get(kind);
        if (version != VERSION || responder == null) {
            throw new DecodeException("a request of version " + version + ", kind " + kind);
        }
        return responder.respond(in, endpoints);
    }

    /** A byte for each topic of a request: 1 or 0. */
    static byte[] flags(List<Boolean> all) {
        byte[] flags = new byte[all.size()];
        for (int i = 0; i < flags.length; i++) {
            flags[i] = (byte) (all.get(i) ? 1 : 0);
        }
        return flags;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (subscription != null) {
            subscription.close();
        }
        if (registration != null) {
            registration.close();
        }
    }
}
