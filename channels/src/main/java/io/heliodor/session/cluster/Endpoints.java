package io.heliodor.session.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The endpoints over one pub/sub: this one, others of this node, and those of other nodes. Each has a name, by which the others send it requests.
 * Any thread may use it.
 */
public final class Endpoints implements AutoCloseable {
    /** Endpoints of one node over one pub/sub. */
    private static final int MAX_OF_NODE = 256;

    private static final int HASH_BYTES = 6;

    /** {@link #HASH_BYTES} in base64. */
    private static final int HASH_LENGTH = 8;

    private static final Pattern NAME = Pattern.compile("[\\w-]{8}\\d{1,3}");

    /** The name of an endpoint's requests, before its number. */
    private static final String REQUESTS = "endpoint/";

    private final Nodes nodes;
    private final int number;

    /** Makes the number that of no other endpoint of this node. */
    private final Nodes.HandlerRegistration numbered;

    private final String self;
    private volatile Nodes.RequestHandler handler = request -> {
        throw new IOException("no requests are handled here yet");
    };

    public Endpoints(Nodes nodes) {
        this.nodes = nodes;
        Optional<Nodes.HandlerRegistration> own = Optional.empty();
        int next = 0;
        while (own.isEmpty() && next < MAX_OF_NODE) {
            own = nodes.handleIfFree(REQUESTS + next++, request -> handler.handle(request));
        }
        this.numbered = own.orElseThrow(
                () -> new IllegalStateException("This node has " + MAX_OF_NODE + " endpoints already."));
        this.number = next - 1;
        this.self = hash(nodes.self()) + number;
    }

    /** Clients see it, and learn nothing of the network by it. */
    private static String hash(NodeId node) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(node.toString().getBytes(UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, HASH_BYTES));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("each JDK has it", e);
        }
    }

    /** The number of this endpoint among those of its node, from 0. */
    public int number() {
        return number;
    }

    /**
     * The name of this endpoint.
     *
     * @return 9 to 11 letters, digits, hyphens and underscores; another one when the node was started again
     */
    public String self() {
        return self;
    }

    /**
     * Handles the requests of other endpoints from now on.
     *
     * @param handler handles them at once
     */
    public void handle(Nodes.RequestHandler handler) {
        this.handler = handler;
    }

    /**
     * Sends a request to an endpoint, and blocks until the response arrives. For virtual threads.
     *
     * @param endpoint its name; may be that of none
     * @param request its bytes, at most 4 MB
     * @param within the timeout
     * @return the response; empty if the endpoint is not in the view, does not respond, or the time is over
     */
    public Optional<byte[]> request(String endpoint, byte[] request, Duration within) {
        return node(endpoint)
                .flatMap(node -> nodes.request(node, REQUESTS + endpoint.substring(HASH_LENGTH), request, within));
    }

    /**
     * Whether an endpoint may respond, now or later: its node is in the view.
     *
     * @param endpoint its name
     * @return false if a request to it gets no response
     */
    public boolean mayAnswer(String endpoint) {
        return node(endpoint).isPresent();
    }

    private Optional<NodeId> node(String endpoint) {
        return !NAME.matcher(endpoint).matches()
                ? Optional.empty()
                : nodes.members().stream()
                        .filter(node -> endpoint.startsWith(hash(node)))
                        .findFirst();
    }

    /** Ends the answers. */
    @Override
    public void close() {
        numbered.close();
    }
}
