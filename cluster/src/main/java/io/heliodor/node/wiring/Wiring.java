package io.heliodor.node.wiring;

import io.heliodor.link.SessionLink;
import io.heliodor.link.Time;
import io.heliodor.node.Node;
import io.heliodor.node.pubsub.LocalInterest;
import io.heliodor.raft.Storage;
import java.util.Optional;

/**
 * The parts of a node in place of JGroups and the clock of the machine: a wire, a time and a storage. For the test kit.
 *
 * @param incarnation the incarnation of the node, 0 or more
 * @param time its time; the node closes it at its end
 * @param storage its storage, if the cluster has voters
 * @param capacity the bytes that may wait for each peer, 1 or more; {@link SessionLink#CAPACITY} in production
 * @param maxTopics the topics that the node lists by name, 0 or more; {@link #MAX_TOPICS} in production
 * @param opening opens the wire
 */
public record Wiring(
        long incarnation,
        Time time,
        Storage storage,
        int capacity,
        int maxTopics,
        NodeWire.Opener<RuntimeException> opening) {
    /** The topics that a node lists by name in production. */
    public static final int MAX_TOPICS = LocalInterest.MAX_TOPICS;

    /** The wiring of the node that is being started on this thread: the public builder has no method for it. */
    private static final ScopedValue<Wiring> CURRENT = ScopedValue.newInstance();

    /**
     * The wiring of a call of {@link #start}.
     *
     * @return empty for a node that is started by its builder
     */
    public static Optional<Wiring> current() {
        return CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
    }

    /**
     * Starts a node. The address, the seeds and the cookie of the builder are not used.
     *
     * @param builder its settings
     * @return the node, a member of a view
     */
    public WiredNode start(Node.Builder builder) {
        return (WiredNode) ScopedValue.where(CURRENT, this).call(builder::start);
    }
}
