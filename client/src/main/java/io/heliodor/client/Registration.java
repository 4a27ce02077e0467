package io.heliodor.client;

/** The registration of a callback. Any thread may use it. */
@FunctionalInterface
public interface Registration {
    /**
     * Removes the callback. It is not called any more, except for a call that runs or is about to begin on another thread. A second
     * removal has no effect.
     */
    void remove();
}
