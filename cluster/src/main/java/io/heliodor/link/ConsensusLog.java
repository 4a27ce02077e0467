package io.heliodor.link;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A list of commands that most of the voters agree on, in one order, for good. Who leads it writes; all nodes read.
 *
 * <p>A command that was committed is given to the {@link StateMachine} of each node, in the order of its index.
 *
 * <p>All methods may be called from any thread. None blocks.
 */
public interface ConsensusLog {
    /**
     * Adds a command.
     *
     * @param command 1 byte or more; not changed any more
     * @return what became of it. It may take for ever: the caller has the time-out. To give up withdraws nothing
     */
    CompletableFuture<Outcome> append(byte[] command);

    /**
     * Reads the state. The answer contains the effect of every command that was committed before the call (linearizable).
     *
     * @param question 1 byte or more; not changed any more
     * @return {@link Outcome.Committed} with the answer of the replica, and the index of the last command that it has. As for
     *     {@link #append} it may take for ever
     */
    CompletableFuture<Outcome> read(byte[] question);

    /**
     * Who leads, as far as this node knows. It may be over already.
     *
     * @return the leader, if there is one
     */
    Optional<Peer> leader();

    /**
     * Whether this node sees enough voters for a leader.
     *
     * @return true if most of the voters are members of its view
     */
    boolean quorum();

    /** What became of a command. */
    sealed interface Outcome {
        /**
         * It belongs to the log for good, and this node's replica has it.
         *
         * @param index its place; above that of all that was committed before it was appended
         * @param result what the replica gave for it
         */
        @SuppressWarnings("ArrayRecordComponent") // bytes on their way, compared by nobody
        record Committed(long index, byte[] result) implements Outcome {}

        /** It was not added, and never will be: this node does not lead. */
        record Refused() implements Outcome {}

        /** The lead was lost meanwhile: it may be committed, now or later, or never. */
        record Unknown() implements Outcome {}
    }

    /**
     * The state that the commands make. Called by one thread at a time, and not from within {@link #append}. It must not
     * block, and do the same on each node.
     */
    interface StateMachine {
        /**
         * Does a command.
         *
         * @param index its place in the log, which grows; not each number is one of a command. When the disk of a voter fails,
         *     commands that the replica has come again, and change nothing
         * @param command as it was appended
         * @return its result
         * @throws DecodeException when it is not a command of this version: then this node cannot follow the log any more
         */
        byte[] apply(long index, byte[] command) throws DecodeException;

        /**
         * The last command that it has.
         *
         * @return its index; 0 before the first
         */
        long index();

        /**
         * Answers a question. Changes nothing.
         *
         * @param question as {@link ConsensusLog#read} got it
         * @return the answer
         * @throws DecodeException when it is not a question
         */
        byte[] read(byte[] question) throws DecodeException;

        /**
         * The whole state.
         *
         * @return as bytes
         */
        byte[] snapshot();

        /**
         * Forgets the state, and takes another one.
         *
         * @param snapshot as {@link #snapshot} made it, here or on another node
         * @throws DecodeException when it is none
         */
        void restore(byte[] snapshot) throws DecodeException;

        /**
         * Another one leads, or nobody does. Between two that lead comes one call at least.
         *
         * @param leader who leads now
         */
        void led(Optional<Peer> leader);
    }
}
