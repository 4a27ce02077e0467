package io.heliodor.protocol;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.link.Peer;
import java.util.Comparator;

/**
 * A granted claim: a process owns a name, or leads an election.
 *
 * @param peer the node of the process
 * @param process the number of the process there
 * @param registration the number of the granted registration there, which distinguishes claims of one process
 * @param since the term of the grant
 */
public record Claim(Peer peer, long process, long registration, Term since) {
    /** The oldest first: by the number of the view of the grant, then by the name of the node. */
    public static final Comparator<Claim> BY_AGE =
            Comparator.comparingLong(Claim::age).thenComparing(Claim::peer).thenComparingLong(Claim::registration);

    /**
     * The age of the claim: smaller is older.
     *
     * @return the number of the view of the grant
     */
    public long age() {
        return since.view().number();
    }

    boolean is(Peer owner, long number) {
        return registration == number && peer.equals(owner);
    }

    void write(BinaryWriter out) {
        out.object(peer, Peer::write).number(process).number(registration).object(since, Term::write);
    }

    static Claim read(BinaryReader in) throws DecodeException {
        return new Claim(Peer.read(in), in.number(), in.number(), Term.read(in));
    }
}
