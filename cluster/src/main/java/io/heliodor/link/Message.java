package io.heliodor.link;

/**
 * What one node tells another. Each room that speaks has records of its own that implement this; the link knows none of
 * them.
 */
public interface Message {
    /**
     * Which kind of message it is: what {@link Routes} finds its receiver by at the other end. Never given a new meaning.
     *
     * @return 1 to 127
     */
    int type();

    /**
     * About how many bytes the fields have, so that their array rarely grows.
     *
     * @return 0 or more
     */
    default int expectedSize() {
        return 64;
    }

    /**
     * Writes the fields.
     *
     * @param out where to
     */
    void write(ByteWriter out);
}
