package io.heliodor.node.consensus;

import io.heliodor.binary.DecodeException;
import io.heliodor.link.Peer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A replicated log: an ordered list of commands that a majority of the voters has stored. The leader appends; all nodes
 * read. The {@link StateMachine} of each node applies the committed commands in the order of their indexes.
 *
 * <p>Thread-safe; no method blocks.
 */
public interface ConsensusLog {
    /**
     * Appends a command.
     *
     * @param command 1 byte or more; must not change afterwards
     * @return the outcome. It may never come, so the caller needs a timeout; to cancel it does not withdraw the command
     */
    CompletableFuture<Outcome> append(byte[] command);

    /**
     * Reads the state. The answer reflects all commands that were committed before the call (linearizable).
     *
     * @param query 1 byte or more; must not change afterwards
     * @return {@link Outcome.Committed} with the answer of the state machine, and the index of the last command it has
     *     applied. As for {@link #append} it may never come
     */
    CompletableFuture<Outcome> read(byte[] query);

    /**
     * The leader as far as this node knows; it may have lost the lead already.
     *
     * @return the leader, if there is one
     */
    Optional<Peer> leader();

    /**
     * Whether the view of this node contains enough voters for a leader.
     *
     * @return true if a majority of the voters are members of the view
     */
    boolean quorum();

    /** The outcome of a command. */
    sealed interface Outcome {
        /**
         * It is committed, and the state machine of this node has applied it.
         *
         * @param index its index, above those of all commands that were committed before it was appended
         * @param result the result of the state machine
         */
        @SuppressWarnings("ArrayRecordComponent") // never compared
        record Committed(long index, byte[] result) implements Outcome {}

        /** It was not appended, and never will be: this node does not lead. */
        record Refused() implements Outcome {}

        /** This node lost the lead meanwhile: the command may be committed, now or later, or never. */
        record Unknown() implements Outcome {}
    }

    /**
     * The state to which commands are applied. Called by one thread at a time, and not from within {@link #append}. It
     * must not block, and must be deterministic.
     */
    interface StateMachine {
        /**
         * Applies a command.
         *
         * @param index its index, which grows; not every index has a command. After the disk of a voter failed,
         *     commands come again that were applied before; they must change nothing
         * @param command the command as it was appended
         * @return its result
         * @throws DecodeException when it is not a command of this version: then this node cannot follow the log any
         *     more
         */
        byte[] apply(long index, byte[] command) throws DecodeException;

        /**
         * The index of the last command that was applied.
         *
         * @return the index; 0 before the first
         */
        long index();

        /**
         * Answers a query without changing the state.
         *
         * @param query the query of {@link ConsensusLog#read}
         * @return the answer
         * @throws DecodeException when it is not a query
         */
        byte[] read(byte[] query) throws DecodeException;

        /**
         * Encodes the whole state.
         *
         * @return the bytes
         */
        byte[] snapshot();

        /**
         * Replaces the state.
         *
         * @param snapshot a state that {@link #snapshot} encoded, on this or another node
         * @throws DecodeException when it cannot be decoded
         */
        void restore(byte[] snapshot) throws DecodeException;

        /**
         * The leader has changed. Called at least once between two leaders.
         *
         * @param leader the new leader, if there is one
         */
        void leaderChanged(Optional<Peer> leader);
    }
}
