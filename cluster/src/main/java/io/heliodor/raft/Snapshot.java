package io.heliodor.raft;

/**
 * The state that all entries up to an index make.
 *
 * @param index the index of the last of these entries; 0 before the first
 * @param term the term of that entry
 * @param voters the voters as of that entry
 * @param state the state machine, as it wrote itself; never changed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Snapshot(long index, long term, Voters voters, byte[] state) {
    /** The state before the first entry. */
    static Snapshot none(Voters voters) {
        return new Snapshot(0, 0, voters, new byte[0]);
    }
}
