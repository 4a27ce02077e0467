package io.heliodor.link;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;

/**
 * The id of a view. The two sides of a split may have views of the same number, but not of the same creator.
 *
 * @param number grows with each view that a node installs
 * @param creator the peer that created the view
 */
public record ViewId(long number, Peer creator) {
    /**
     * Reads the id of a view.
     *
     * @param in where it begins
     * @return the id
     * @throws DecodeException when it is not one
     */
    public static ViewId read(BinaryReader in) throws DecodeException {
        return new ViewId(in.number(), Peer.read(in));
    }

    /**
     * Writes it.
     *
     * @param out the writer
     */
    public void write(BinaryWriter out) {
        out.number(number).object(creator, Peer::write);
    }

    @Override
    public String toString() {
        return number + "@" + creator;
    }
}
