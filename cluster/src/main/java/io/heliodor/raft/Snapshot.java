package io.heliodor.raft;

import io.heliodor.link.Input;
import io.heliodor.link.Malformed;
import io.heliodor.link.Output;

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
    /**
     * Writes the snapshot.
     *
     * @param out where to
     */
    public void write(Output out) {
        out.number(index).number(term);
        voters.write(out);
        out.bytes(state);
    }

    /**
     * Reads a snapshot.
     *
     * @param in where from
     * @return the snapshot
     * @throws Malformed when the bytes are not a snapshot
     */
    public static Snapshot read(Input in) throws Malformed {
        return new Snapshot(in.number(), in.number(), Voters.read(in), in.bytes());
    }

    /** The state before the first entry. */
    static Snapshot none(Voters voters) {
        return new Snapshot(0, 0, voters, new byte[0]);
    }
}
