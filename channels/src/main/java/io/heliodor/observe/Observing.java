package io.heliodor.observe;

/** An observer that is being told. It is until this or its endpoint is closed, whether or not this object is kept. */
public interface Observing extends AutoCloseable {
    /** Ends it: no new call is begun. What still waits for an observer is discarded. Closing again does nothing. */
    @Override
    void close();
}
