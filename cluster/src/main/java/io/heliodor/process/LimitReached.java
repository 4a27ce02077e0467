package io.heliodor.process;

/** A node has as many of something as it may have. Nothing was changed. */
public final class LimitReached extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /**
     * A limit.
     *
     * @param what of which there are too many, in the plural
     * @param limit how many there may be
     */
    public LimitReached(String what, int limit) {
        super("This node has %d %s, the most that a node may have: end some first.".formatted(limit, what));
    }
}
