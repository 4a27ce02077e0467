package io.heliodor.observe;

/** Receives the events of connections and channels of an endpoint, for an audit or a log. */
@FunctionalInterface
public interface Observer {
    /**
     * Receives an event.
     *
     * <p><b>Threads:</b> a virtual thread of this observer, one call at a time. The events of one connection come in order.
     * <b>Blocking:</b> allowed; the endpoint does not wait for observers. While 1 024 observations wait, further ones are dropped, and
     * counted as {@code observations_dropped}. An exception is logged, and the observer stays subscribed.
     *
     * @param observation the event
     */
    void observed(Observation observation);
}
