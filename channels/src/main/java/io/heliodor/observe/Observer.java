package io.heliodor.observe;

/** Hears what happens to connections and channels of an endpoint: for an audit, or a line of the log. */
@FunctionalInterface
public interface Observer {
    /**
     * Something happened.
     *
     * <p><b>Threads:</b> a virtual thread of this observer, one call at a time, in the order in which things happened to one
     * connection. <b>Blocking:</b> allowed; nothing waits for an observer. While 1 024 observations wait for it, further ones
     * are dropped, and counted as {@code observations_dropped}. An exception is logged, and the observer lives on.
     *
     * @param observation what
     */
    void observed(Observation observation);
}
