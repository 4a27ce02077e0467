package io.heliodor.protocol;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.link.ViewId;

/**
 * The label of a grant: unique, and fixed while the owner keeps the grant. It is not a fencing token: after a split two terms
 * cannot be compared.
 *
 * @param view the view of the grant
 * @param number the number of the grant in that view
 */
public record Term(ViewId view, long number) {
    @Override
    public String toString() {
        return view.number() + "." + number + "@" + view.creator();
    }

    void write(BinaryWriter out) {
        out.object(view, ViewId::write).number(number);
    }

    static Term read(BinaryReader in) throws DecodeException {
        return new Term(ViewId.read(in), in.number());
    }
}
