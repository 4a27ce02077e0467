package io.heliodor.process;

import io.heliodor.membership.ClusterException;
import io.heliodor.membership.ClusterException.Code;
import io.heliodor.pubsub.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Names of processes, each with one owner.
 *
 * <p><b>Guarantees.</b> The coordinator of the view grants names: {@code Ok} means that all members of the view know. A
 * name is free when its process ends, when its node leaves, and when its node is dead. {@link #lookup} reads what this node
 * knows. On a split each side grants by itself; when it heals, a name with two owners goes to the {@link ConflictResolver},
 * the loser continues without it, and both nodes report the {@link Conflict}. The names of a node that ends because another
 * living node has its own name are in no conflict.
 *
 * <p><b>With voters</b> names are linearizable: it is as if all nodes asked one table, one after the other. Only the side
 * with a majority of the voters registers and looks up names; the others return {@code NoQuorum}. The names
 * of a node that is not a member of that side's view any more are free; its processes live on without them. There are no
 * conflicts.
 *
 * <p>All methods may be called from any thread; methods that block are marked.
 */
public interface Registry {
    /**
     * The timeout of a request: 8 seconds. A request waits for the confirmation of a member that is silent until it is suspected, 4 to 5
     * seconds after its last message.
     */
    Duration TIMEOUT = Duration.ofSeconds(8);

    /**
     * Registers a name for a process of this node. Repeating it for its own name is {@code Ok}.
     *
     * <p><b>Blocking:</b> up to 8 seconds.
     *
     * @param name the name
     * @param pid a process of this node
     * @param <M> the type of its messages
     * @return how it ended
     * @throws IllegalArgumentException when the process is of another node
     */
    <M> Registered register(Name<M> name, Pid<M> pid);

    /**
     * Frees a name that a process of this node has.
     *
     * <p><b>Blocking:</b> up to 8 seconds.
     *
     * @param name the name
     * @return how it ended
     */
    Unregistered unregister(Name<?> name);

    /**
     * Looks up the process with a name: without voters in the local table, with voters by a linearizable read.
     *
     * <p><b>Blocking:</b> with voters up to 8 seconds; without it does not block.
     *
     * @param name the name
     * @param <M> the type of its messages
     * @return the process, if there is one
     * @throws ClusterException with {@code NO_QUORUM} when there are voters and too few of them can be reached
     */
    <M> Optional<Pid<M>> lookup(Name<M> name);

    /**
     * Looks up the process with a name in the local table, which may be outdated, also with voters. Does not block.
     *
     * @param name the name
     * @param <M> the type of its messages
     * @return the process, if there is one
     */
    <M> Optional<Pid<M>> lookupLocal(Name<M> name);

    /**
     * Waits until a process has a name.
     *
     * <p><b>Blocking:</b> up to the time given.
     *
     * @param name the name
     * @param timeout how long to wait
     * @param <M> the type of its messages
     * @return the process; empty after the timeout
     * @throws InterruptedException when interrupted while waiting
     * @throws ClusterException with {@code NO_QUORUM} when there are voters and too few of them can be reached at the end
     *     of that time
     */
    <M> Optional<Pid<M>> await(Name<M> name, Duration timeout) throws InterruptedException;

    /**
     * Looks up the processes of a pool: those with the names {@link Name#member Name.member(1)} and so on.
     *
     * <p><b>Blocking:</b> as {@link #lookup}.
     *
     * @param pool the name that all begin with
     * @param size the size of the pool
     * @param <M> the type of their messages
     * @return an immutable list in the order of the numbers
     * @throws ClusterException with {@code NO_QUORUM} when there are voters and too few of them can be reached
     */
    <M> List<Pid<M>> lookupPool(Name<M> pool, int size);

    /**
     * Sends messages to the processes that have names, one after the other. The names are looked up as by {@link
     * #lookupLocal}.
     *
     * {@snippet :
     * List<Sent> results = registry.sendAll(List.of(new Addressed<>(EMAIL, mail), new Addressed<>(AUDIT, entry)));
     * }
     *
     * <p><b>Blocking:</b> 2 seconds at most for all, while the way to other nodes is full. After the first of them a
     * message that would wait is not sent.
     *
     * @param messages the messages, each with a name
     * @return a result for each message, in their order; an immutable list
     */
    List<Sent> sendAll(List<? extends Addressed<?>> messages);

    /**
     * All names that this node knows. It does not block; with voters some may be over.
     *
     * @return an immutable list, sorted
     */
    List<String> names();

    /**
     * Calls a listener with each conflict that this node wins or loses from now on.
     *
     * <p><b>Threads:</b> a virtual thread, one call at a time. <b>Blocking:</b> allowed. Up to 10 000 conflicts wait;
     * beyond that the last of each name, with a warning.
     *
     * @param listener called with each conflict
     * @return the subscription
     */
    Subscription onConflict(Consumer<? super Conflict> listener);

    /**
     * A name had two owners when a split healed.
     *
     * @param name the name
     * @param winner the name of the node whose process keeps it; empty if none does
     * @param loser the name of the node whose process lost it
     */
    record Conflict(String name, Optional<String> winner, String loser) {
        /** Checks that no value is null. */
        public Conflict {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(winner, "winner");
            Objects.requireNonNull(loser, "loser");
        }
    }

    /**
     * A message for the process that has a name.
     *
     * @param name the name
     * @param message the message
     * @param <M> the type of the messages that the process takes
     */
    record Addressed<M>(Name<M> name, M message) {
        /**
         * A message for a name.
         *
         * @throws NullPointerException if the name or the message is null
         */
        public Addressed {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(message, "message");
        }
    }

    /** The result for one message of {@link #sendAll}. */
    sealed interface Sent {
        /** The message was sent. That does not mean that it arrives. */
        record Ok() implements Sent {}

        /** No process has the name. */
        record NoProcess() implements Sent {}

        /**
         * It was not sent: as if {@link Pid#send} or {@link Pid#trySend} had returned false.
         *
         * @param node the node of the process
         */
        record NotSent(String node) implements Sent {
            /** Checks that no value is null. */
            public NotSent {
                Objects.requireNonNull(node, "node");
            }
        }

        /**
         * The message cannot be encoded for another node. The others are sent all the same.
         *
         * @param why the exception that {@link Pid#send} threw; {@link io.heliodor.codec.TooLarge} if it has too many bytes
         */
        record Refused(IllegalArgumentException why) implements Sent {
            /** Checks that no value is null. */
            public Refused {
                Objects.requireNonNull(why, "why");
            }
        }
    }

    /** How {@link #register} ended. */
    sealed interface Registered {
        /** The process has the name. */
        record Ok() implements Registered {}

        /**
         * Another process has it.
         *
         * @param node the node of that process
         */
        record Taken(String node) implements Registered {
            /** Checks that no value is null. */
            public Taken {
                Objects.requireNonNull(node, "node");
            }
        }

        /** The process has ended. */
        record NoProcess() implements Registered {}

        /** There are as many names as there may be: 100 000. */
        record Full() implements Registered {}

        /** Too few voters can be reached. Nothing has happened. */
        record NoQuorum() implements Registered {}

        /**
         * There was no answer in time: the process may have the name now, or get it later. Repeating the request returns
         * the result.
         */
        record Unknown() implements Registered {}

        /**
         * For callers that treat every other outcome as a failure.
         *
         * @throws ClusterException for any outcome but {@link Registered.Ok}
         */
        default void orThrow() {
            String not = "The name was not registered: ";
            switch (this) {
                case Registered.Ok() -> {}
                case Registered.Taken(String node) ->
                    throw new ClusterException(
                            Code.NAME_TAKEN,
                            not + "a process of node '" + node + "' has it. Look it up, or take another name.");
                case Registered.NoProcess() ->
                    throw new ClusterException(
                            Code.NO_PROCESS, not + "its process has ended. Register one that is alive.");
                case Registered.Full() ->
                    throw new ClusterException(
                            Code.LIMIT, not + "there are 100000 names, the maximum. Unregister others first.");
                case Registered.NoQuorum() ->
                    throw new ClusterException(
                            Code.NO_QUORUM,
                            not + "too few voters can be reached. Register it when a majority of them is up.");
                case Registered.Unknown() ->
                    throw new ClusterException(
                            Code.UNKNOWN,
                            "Whether the name was registered is unknown: no answer came within 8 s."
                                    + " Register it again, which reports it.");
            }
        }
    }

    /** How {@link #unregister} ended. */
    sealed interface Unregistered {
        /** The name is free. */
        record Ok() implements Unregistered {}

        /**
         * A process of another node has the name.
         *
         * @param node which node
         */
        record NotOwner(String node) implements Unregistered {
            /** Checks that no value is null. */
            public NotOwner {
                Objects.requireNonNull(node, "node");
            }
        }

        /** No process has the name. */
        record NoProcess() implements Unregistered {}

        /** Too few voters can be reached. Nothing has happened. */
        record NoQuorum() implements Unregistered {}

        /** There was no answer in time: the name may be free now or later. */
        record Unknown() implements Unregistered {}

        /**
         * For callers that treat every other outcome as a failure.
         *
         * @throws ClusterException for any outcome but {@link Unregistered.Ok}
         */
        default void orThrow() {
            String not = "The name was not freed: ";
            switch (this) {
                case Unregistered.Ok() -> {}
                case Unregistered.NotOwner(String node) ->
                    throw new ClusterException(
                            Code.NOT_OWNER, not + "a process of node '" + node + "' has it. Unregister it there.");
                case Unregistered.NoProcess() ->
                    throw new ClusterException(Code.NO_PROCESS, not + "no process has it. It is free already.");
                case Unregistered.NoQuorum() ->
                    throw new ClusterException(
                            Code.NO_QUORUM,
                            not + "too few voters can be reached. Unregister it when a majority of them is up.");
                case Unregistered.Unknown() ->
                    throw new ClusterException(
                            Code.UNKNOWN,
                            "Whether the name is free is unknown: no answer came within 8 s."
                                    + " Unregister it again, which reports it.");
            }
        }
    }
}
