package io.heliodor.node.wiring;

import io.heliodor.link.Time;
import io.heliodor.node.Node;
import io.heliodor.raft.Storage;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Starts a node on a wire and a time that somebody else made, which the public builder does not offer.
 *
 * @param incarnation which incarnation of its name it is, 0 or more
 * @param time by which it lives; closed by the node at its end
 * @param storage its disk, if the cluster has voters
 * @param opening opens the wire
 */
public record Wiring(long incarnation, Time time, Storage storage, NodeWire.Opener<RuntimeException> opening) {
    /** Set once, by the builder, before there is one to be given. */
    private static volatile @Nullable Starter starter;

    /** How a builder starts a node on a wiring: the builder's own, which nobody else may call. */
    @FunctionalInterface
    public interface Starter {
        /**
         * Starts it.
         *
         * @param builder describes the node
         * @param wiring what it stands on
         * @return the node
         */
        WiredNode start(Node.Builder builder, Wiring wiring);
    }

    /**
     * Said by the builder.
     *
     * @param builders how it starts nodes
     */
    public static void of(Starter builders) {
        starter = builders;
    }

    /**
     * Starts a node. Where it listens, its seeds and its cookie mean nothing.
     *
     * @param builder describes it
     * @return the node, a member of a view
     */
    public WiredNode start(Node.Builder builder) {
        return Objects.requireNonNull(starter).start(builder, this);
    }
}
