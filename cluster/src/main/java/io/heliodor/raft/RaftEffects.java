package io.heliodor.raft;

import io.heliodor.binary.DecodeException;
import io.heliodor.link.Peer;
import java.util.Optional;

/** The actions of a {@link Raft}. No method may call back. */
public interface RaftEffects {
    /**
     * Sends a message; without a session it is dropped.
     *
     * @param to a member of the view
     * @param message the message
     */
    void send(Peer to, RaftMessage message);

    /**
     * Applies a committed command to the state machine.
     *
     * @param index its index; higher than the last one. A state machine that outlives its Raft state, because the storage
     *     failed, gets entries again that it has
     * @param command the command
     * @return its result
     * @throws DecodeException when it is not a command: then this node does not know the state any more, and must stop
     */
    byte[] apply(long index, byte[] command) throws DecodeException;

    /**
     * The state of the state machine.
     *
     * @return as bytes
     */
    byte[] snapshot();

    /**
     * Replaces the state of the state machine.
     *
     * @param state as {@link #snapshot} returned it
     * @throws DecodeException when it is not a state
     */
    void restore(byte[] state) throws DecodeException;

    /**
     * The leader changed.
     *
     * @param leader the leader as far as this node knows
     */
    void led(Optional<Peer> leader);

    /**
     * The last entry of the log that names the voters is another one.
     *
     * @param voters the voters from now on; the entry may still be replaced
     */
    void voters(Voters voters);

    /**
     * A proposal was decided. Called once for each that was accepted.
     *
     * @param ticket of the proposal
     * @param outcome its outcome
     */
    void decided(long ticket, RaftOutcome outcome);
}
