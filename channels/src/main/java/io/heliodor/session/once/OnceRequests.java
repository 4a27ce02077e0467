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

    /** Shorter than {@link #COPY_TIMEOUT}: the receiver of a copy asks the owner of an earlier copy before it responds. */
    private static final Duration OWNER_TIMEOUT = Duration.ofMillis(500);

    /** An owner responds after a sweep at the latest, which is due each second. */
    private static final Duration AWAIT_TIMEOUT = Duration.ofSeconds(3);

    /** Requests during which a node left, in a row. */
    private static final int MAX_ATTEMPTS = 5;

    /** The names of the nodes, this one included. */
    Set<String> members() {
        return nodes.members().stream().map(NodeId::toString).collect(Collectors.toSet());
    }

    /**
     * The states of a key at the other nodes.
     *
     * @param finding that of all together
     * @param nodes the names of the nodes that were asked
     */
    record Asked(Finding finding, Set<String> nodes) {}

    /**
     * Asks all other nodes for a key; again if one of them left meanwhile.
     *
     * @param own what this node has
     */
    Asked ask(OnceFormat.Kind kind, CallKey key, Fingerprint fingerprint, Finding own) {
        Asked asked = new Asked(new Finding.Unsure(), Set.of());
        for (int i = 0; i < MAX_ATTEMPTS && asked.finding() instanceof Finding.Unsure; i++) {
            Set<String> before = members();
            asked = askOnce(kind, key, fingerprint, own);
            if (members().equals(before)) {
                return asked;
            }
        }
        return asked;
    }

    private Asked askOnce(OnceFormat.Kind kind, CallKey key, Fingerprint fingerprint, Finding own) {
        List<NodeId> others = nodes.others();
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
        responses.put(self.node(), new Response.Found(self, own));
        return new Asked(new MergedFindings(self, responses, members()).finding(), asked.keySet());
    }

    /** Whether the owner of a call has nothing of it: it has given it up, or forgotten it. */
    boolean isGivenUp(KeptCall call) {
        Optional<NodeId> owner = nodes.others().stream()
                .filter(node -> node.toString().equals(call.owner().node()))
                .findFirst();
        byte[] request = new OnceFormat.Request(OnceFormat.Kind.AWAIT, self.node(), call).write();
        return owner.isPresent() && MergedFindings.isGivenUp(call.owner(), ask(owner.get(), request, OWNER_TIMEOUT));
    }

    private Response ask(NodeId node, byte[] request, Duration timeout) {
        return ask(node, request, timeout, response -> {
            OnceFormat.Response read = OnceFormat.Response.read(response);
            return new Response.Found(read.from(), read.finding());
        });
    }

    private interface Reader {
        Response read(byte[] response) throws DecodeException;
    }

    private Response ask(NodeId node, byte[] request, Duration timeout, Reader reader) {
        return switch (nodes.sendRequest(node, NAME, request, timeout)) {
            case RequestOutcome.Response(byte[] response) -> {
                try {
                    yield reader.read(response);
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
     * @param silences the number of nodes without a response that end it
     * @param asked the names of the nodes that were asked for the key just before
     * @param useless the responses of nodes that are not asked, since they did not respond to the caller lately or have no endpoint. Others
     *     are added
     */
    HolderSearch.Outcome<NodeId> keep(
            KeptCall call, Optional<String> holder, int silences, Set<String> asked, Map<NodeId, Response> useless) {
        List<NodeId> order = new ArrayList<>(nodes.others());
        order.sort(Comparator.comparing((NodeId node) -> !holder.equals(Optional.of(node.toString())))
                .thenComparing(NodeId.rendezvous(call.key().id())));
        byte[] request = new OnceFormat.Request(OnceFormat.Kind.KEEP, self.node(), call).write();
        HolderSearch<NodeId> search =
                new HolderSearch<>(order, silences, !members().containsAll(asked));
        for (NodeId node = search.next(); node != null; node = search.next()) {
            Response known = useless.get(node);
            Response response = known != null
                    ? known
                    : ask(
                            node,
                            request,
                            COPY_TIMEOUT,
                            bytes -> new Response.Found(call.owner(), OnceFormat.readKept(bytes)));
            if (!(response instanceof Response.Found)) {
                useless.put(node, response);
            }
            search.response(response);
        }
        return search.outcome();
    }
}
