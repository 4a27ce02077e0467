package io.heliodor.protocol;

import io.heliodor.link.Input;
import io.heliodor.link.Malformed;
import io.heliodor.link.Output;

/**
 * What can be claimed: a name or an election.
 *
 * @param election whether it is an election
 * @param name how it is called; at most 1 KiB
 */
public record Key(boolean election, String name) {
    /** The most bytes of a name. */
    public static final int BYTES = 1_024;

    void write(Output out) {
        out.bool(election).text(name);
    }

    static Key read(Input in) throws Malformed {
        return new Key(in.bool(), Texts.read(in, BYTES));
    }
}
