package io.heliodor.raft;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;

/**
 * Tells one log from another. When most voters lost their directories, a new log may have entries of the same index and
 * term as the old one: they must not be mixed.
 *
 * @param id drawn when the log begins; 0 for none
 * @param continues the id of the log whose entries it began with, because an operator chose so; 0 for none
 */
public record LogId(long id, long continues) {
    /** No log yet. */
    public static final LogId NONE = new LogId(0, 0);

    /**
     * Writes the id.
     *
     * @param out where to
     */
    public void write(BinaryWriter out) {
        out.number(id).number(continues);
    }

    /**
     * Reads an id.
     *
     * @param in where from
     * @return the id
     * @throws DecodeException when the bytes are not an id
     */
    public static LogId read(BinaryReader in) throws DecodeException {
        return new LogId(in.number(), in.number());
    }
}
