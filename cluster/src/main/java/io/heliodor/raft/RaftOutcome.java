package io.heliodor.raft;

/** The outcome of a proposal or a read. */
public sealed interface RaftOutcome {
    /**
     * The command is committed and applied; or the state at this index may be read.
     *
     * @param index of the entry; of a read the index that the state had at least when the read began
     * @param result of the state machine; empty for a read
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Committed(long index, byte[] result) implements RaftOutcome {}

    /** This node does not lead any more: the command may be committed, now or later, or never. */
    record Unknown() implements RaftOutcome {}

    /** A change of the voters was not made: of those that would be left, no majority replied within 2 s. */
    record TooFew() implements RaftOutcome {}
}
