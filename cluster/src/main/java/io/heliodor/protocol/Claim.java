package io.heliodor.protocol;

import io.heliodor.link.ByteReader;
import io.heliodor.link.ByteWriter;
import io.heliodor.link.DecodeException;
import io.heliodor.link.Peer;
import java.util.Comparator;

/**
 * A process has a name, or leads an election.
 *
 * @param peer where the process lives
 * @param process its number there
 * @param wish the number of the wish there that was granted: what tells one claim of a process from its next
 * @param since when it was granted
 */
public record Claim(Peer peer, long process, long wish, Term since) {
    /** The oldest first: by the number of the view that it was granted in, then by the name of the node. */
    public static final Comparator<Claim> BY_AGE =
            Comparator.comparingLong(Claim::age).thenComparing(Claim::peer).thenComparingLong(Claim::wish);

    /**
     * How old it is: smaller is older.
     *
     * @return the number of the view that it was granted in
     */
    public long age() {
        return since.view().number();
    }

    boolean is(Peer owner, long number) {
        return wish == number && peer.equals(owner);
    }

    void write(ByteWriter out) {
        out.peer(peer).number(process).number(wish);
        since.write(out);
    }

    static Claim read(ByteReader in) throws DecodeException {
        return new Claim(in.peer(), in.number(), in.number(), Term.read(in));
    }
}
