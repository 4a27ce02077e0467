package io.heliodor.protocol;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;

/**
 * The key of a claim: a name or an election.
 *
 * @param election whether it is an election
 * @param name the name; at most 1 KiB
 */
public record Key(boolean election, String name) {
    /** The maximum bytes of a name. */
    public static final int MAX_BYTES = 1_024;

    void write(BinaryWriter out) {
        out.bool(election).text(name);
    }

    static Key read(BinaryReader in) throws DecodeException {
        return new Key(in.bool(), Texts.read(in, MAX_BYTES));
    }
}
