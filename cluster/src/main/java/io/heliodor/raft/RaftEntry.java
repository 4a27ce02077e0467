package io.heliodor.raft;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;

/**
 * An entry of the replicated log.
 *
 * @param index its position, from 1, without gaps
 * @param term the term of the leader that created it
 * @param kind what the data is
 * @param data a command, a list of voters, or no bytes; never changed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record RaftEntry(long index, long term, Kind kind, byte[] data) {
    /** The kind of data in an entry. */
    public enum Kind {
        /** No data: the first entry of a leader, by which it commits the entries of earlier terms. */
        EMPTY(0),
        /** A command for the state machine. */
        COMMAND(1),
        /** The names of all voters, as {@link Voters#toBytes} writes them. They vote from this entry on. */
        VOTERS(2);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        private static Kind read(BinaryReader in) throws DecodeException {
            return in.constant(values(), kind -> kind.code, "an entry of kind ");
        }
    }

    /** About how many bytes it takes. */
    int size() {
        return data.length + 32;
    }

    /**
     * Writes the entry.
     *
     * @param out where to
     */
    public void write(BinaryWriter out) {
        out.number(index).number(term).put(kind.code).bytes(data);
    }

    /**
     * Reads an entry.
     *
     * @param in where from
     * @return the entry
     * @throws DecodeException when the bytes are not an entry
     */
    public static RaftEntry read(BinaryReader in) throws DecodeException {
        long index = in.number();
        long term = in.number();
        if (index < 1 || term < 1) {
            throw new DecodeException("an entry " + index + " of term " + term);
        }
        return new RaftEntry(index, term, Kind.read(in), in.bytes());
    }
}
