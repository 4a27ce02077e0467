package io.heliodor.protocol;

import io.heliodor.link.ByteReader;
import io.heliodor.link.ByteWriter;
import io.heliodor.link.DecodeException;
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

    void write(ByteWriter out) {
        out.view(view).number(number);
    }

    static Term read(ByteReader in) throws DecodeException {
        return new Term(in.view(), in.number());
    }
}
