package io.heliodor.session.once;

import io.heliodor.binary.DecodeException;
import io.heliodor.once.CallKey;
import io.heliodor.once.Finding;
import io.heliodor.once.Fingerprint;
import io.heliodor.once.KeptCall;
import io.heliodor.once.KeyOwner;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import io.heliodor.pubsub.engine.Nodes.RequestOutcome;
import io.heliodor.session.once.MergedFindings.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests about calls that are executed once, from this node to others. They block until the responses or their timeouts. Any
 * thread may use it.
 *
 * @param nodes the nodes over the pub/sub
 * @param self this node, and the generation of its handler
 */
record OnceRequests(Nodes nodes, KeyOwner self) {
    /** The name of the requests. */
    static final String NAME = "once";

    private static final ThreadFactory THREADS =
            Thread.ofVirtual().name("heliodor-once").factory();

    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.session");
    private static final Duration CLAIM_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration COPY_TIMEOUT = Duration.ofSeconds(1);

    /** An owner responds after a sweep at the latest, which is due each second. */
    private static final Duration AWAIT_TIMEOUT = Duration.ofSeconds(3);

    /** Requests during which a node left, in a row. */
    private static final int MAX_ATTEMPTS = 5;

    /** The names of the nodes, this one included. */
    Set<String> members() {
        return nodes.members().stream().map(NodeId::toString).collect(Collectors.toSet());
    }

    /** Asks all other nodes for a key; again if one of them left meanwhile. */
    Finding ask(OnceFormat.Kind kind, CallKey key, Fingerprint fingerprint) {
        Finding found = new Finding.Unsure();
        for (int i = 0; i < MAX_ATTEMPTS && found instanceof Finding.Unsure; i++) {
            Set<String> before = members();
            found = askOnce(kind, key, fingerprint);
            if (members().equals(before)) {
                return found;
            }
        }
        return found;
    }

    private Finding askOnce(OnceFormat.Kind kind, CallKey key, Fingerprint fingerprint) {
        List<NodeId> others = nodes.others();
        if (others.isEmpty()) {
            return new Finding.Nothing();
        }
        byte[] request = new OnceFormat.Request(
                        kind, self.node(), new KeptCall(key, fingerprint, self, Optional.empty()))
                .write();
        Duration timeout = kind == OnceFormat.Kind.AWAIT ? AWAIT_TIMEOUT : CLAIM_TIMEOUT;
        Map<String, CompletableFuture<Response>> asked = new HashMap<>();
        for (NodeId node : others) {
            asked.put(
                    node.toString(),
                    CompletableFuture.supplyAsync(
                            () -> ask(node, request, timeout),
                            task -> THREADS.newThread(task).start()));
        }
        Map<String, Response> responses = new HashMap<>();
        asked.forEach((node, response) -> responses.put(node, response.join()));
        return new MergedFindings(self, responses, members()).finding();
    }

    private Response ask(NodeId node, byte[] request, Duration timeout) {
        return switch (nodes.sendRequest(node, NAME, request, timeout)) {
            case RequestOutcome.Response(byte[] response) -> {
                try {
                    OnceFormat.Response read = OnceFormat.Response.read(response);
                    yield new Response.Found(read.from(), read.finding());
                } catch (DecodeException e) {
                    LOG.debug("The response of {} about a call cannot be read.", node, e);
                    yield new Response.Silent();
                }
            }
            case RequestOutcome.NoHandler _ -> new Response.Absent();
            case RequestOutcome.NoResponse _ -> new Response.Silent();
        };
    }

    /**
     * Asks other nodes to keep a call: the one that has it, or else one after the other.
     *
     * @param holder the node that has it
     * @param attempts the maximum number of nodes that are asked
     * @return the node that keeps it
     */
    Optional<String> keep(KeptCall call, Optional<String> holder, int attempts) {
        List<NodeId> order = new ArrayList<>(nodes.others());
        if (order.isEmpty()) {
            return Optional.empty();
        }
        byte[] request = new OnceFormat.Request(OnceFormat.Kind.KEEP, self.node(), call).write();
        order.sort(Comparator.comparing((NodeId node) -> !holder.equals(Optional.of(node.toString())))
                .thenComparing(NodeId.rendezvous(call.key().id())));
        int asked = 0;
        for (NodeId node : order) {
            RequestOutcome outcome = nodes.sendRequest(node, NAME, request, COPY_TIMEOUT);
            if (outcome instanceof RequestOutcome.Response(byte[] response)
                    && response.length == 1
                    && response[0] == 1) {
                return Optional.of(node.toString());
            }
            if (!(outcome instanceof RequestOutcome.NoHandler) && ++asked == attempts) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** The response to a request to keep a call. */
    static byte[] response(boolean kept) {
        return new byte[] {(byte) (kept ? 1 : 0)};
    }
}
