package io.heliodor.process;

import io.heliodor.pubsub.Subscription;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A named set of processes on all nodes, which get messages together.
 *
 * <p><b>Guarantees.</b> Each node decides which of its own processes belong to a group, and all others know a moment later. A
 * process belongs to it until it leaves, ends, or its node leaves the view. On a split each side has its own members; when it heals,
 * all have all.
 *
 * <p>All methods may be called from any thread; methods that block are marked.
 *
 * @param <M> the type of messages of its members
 */
public interface ProcessGroup<M> {
    /**
     * Its name.
     *
     * @return the name
     */
    String name();

    /**
     * Adds a process of this node. It is a member here at once. A process that is one already stays one.
     *
     * <p><b>Blocking:</b> until all nodes have the change, up to two seconds.
     *
     * @param pid a process of this node
     * @throws IllegalArgumentException when it is of another node
     * @throws IllegalStateException when this node has 100 000 memberships already
     */
    void join(Pid<M> pid);

    /**
     * Removes a process of this node. If it is not a member, nothing happens.
     *
     * <p><b>Blocking:</b> until all nodes have the change, up to two seconds.
     *
     * @param pid a process of this node
     */
    void leave(Pid<M> pid);

    /**
     * The members.
     *
     * @return an immutable list, sorted by node
     */
    List<Pid<M>> members();

    /**
     * The members on this node.
     *
     * @return an immutable list
     */
    List<Pid<M>> localMembers();

    /**
     * Sends a message to all members.
     *
     * <p><b>Blocking:</b> 1 second at most, while there is no room on the way to nodes that read; a node that reads nothing
     * is not waited for.
     *
     * @param message the message
     * @return to how many members it was sent; the others are counted
     */
    int broadcast(M message);

    /**
     * Sends a message to all members but one.
     *
     * <p><b>Blocking:</b> as {@link #broadcast}.
     *
     * @param sender the member that does not get it
     * @param message the message
     * @return to how many members it was sent; the others are counted
     */
    int broadcastFrom(Pid<M> sender, M message);

    /**
     * Calls a listener with all members, as {@link GroupEvent.Joined}, and then with each change.
     *
     * <p><b>Threads:</b> a virtual thread, one call at a time. <b>Blocking:</b> allowed. Up to 10 000 events wait;
     * beyond that a join and a leave of one process that both wait cancel out, with a warning, so the listener ends up with
     * the right members.
     *
     * @param listener called with each event, in order
     * @return the subscription
     */
    Subscription subscribe(Consumer<? super GroupEvent<M>> listener);

    /**
     * A process joined or left.
     *
     * @param <M> the type of messages
     */
    sealed interface GroupEvent<M> {
        /**
         * The process that did.
         *
         * @return the process
         */
        Pid<M> pid();

        /**
         * It is a member.
         *
         * @param pid the process
         * @param <M> the type of messages
         */
        record Joined<M>(Pid<M> pid) implements GroupEvent<M> {
            /** Checks that no value is null. */
            public Joined {
                Objects.requireNonNull(pid, "pid");
            }
        }

        /**
         * It is none any more, for whatever reason.
         *
         * @param pid the process
         * @param <M> the type of messages
         */
        record Left<M>(Pid<M> pid) implements GroupEvent<M> {
            /** Checks that no value is null. */
            public Left {
                Objects.requireNonNull(pid, "pid");
            }
        }
    }
}
