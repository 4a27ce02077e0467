package io.heliodor.presence;

/** A subscription to the presences of a topic. */
public interface Following extends AutoCloseable {
    /** Ends it; a call that runs may finish. Closing again does nothing. */
    @Override
    void close();
}
