package io.heliodor.raft;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;

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
    public void write(BinaryWriter out) {
        out.number(index).number(term).object(voters, Voters::write).bytes(state);
    }

    /**
     * Reads a snapshot.
     *
     * @param in where from
     * @return the snapshot
     * @throws DecodeException when the bytes are not a snapshot
     */
    public static Snapshot read(BinaryReader in) throws DecodeException {
        return new Snapshot(in.number(), in.number(), Voters.read(in), in.bytes());
    }

    /** The state before the first entry. */
    static Snapshot none(Voters voters) {
        return new Snapshot(0, 0, voters, new byte[0]);
    }
}
