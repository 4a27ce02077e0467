package io.heliodor.codec;

/** A value is larger than what may go to another node. It was not sent. */
public final class TooLarge extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** Bytes. */
    private final int size;

    /** Bytes. */
    private final int limit;

    /**
     * A value that is too large.
     *
     * @param size how many bytes it has
     * @param limit how many it may have
     */
    public TooLarge(int size, int limit) {
        super("A value of %d bytes cannot go to another node, %d are allowed: send it in parts, or say where it is."
                .formatted(size, limit));
        this.size = size;
        this.limit = limit;
    }

    /**
     * How large the value is.
     *
     * @return bytes
     */
    public int size() {
        return size;
    }

    /**
     * How large it may be.
     *
     * @return bytes
     */
    public int limit() {
        return limit;
    }
}
