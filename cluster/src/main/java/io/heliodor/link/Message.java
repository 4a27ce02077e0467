package io.heliodor.link;

import io.heliodor.binary.BinaryWriter;

/** A message between nodes. Each package with a protocol has records of its own that implement it. */
public interface Message {
    /**
     * The type, by which {@link MessageRoutes} finds the receiver on the other node. A number never gets another meaning.
     *
     * @return 1 to 127
     */
    int type();

    /**
     * The approximate size of the fields in bytes, to size their array.
     *
     * @return 0 or more
     */
    default int expectedSize() {
        return 64;
    }

    /**
     * Writes the fields.
     *
     * @param out the writer
     */
    void write(BinaryWriter out);
}
