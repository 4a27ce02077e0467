package io.heliodor.presence;

/** Lets time pass between two things that are said. */
@FunctionalInterface
interface Pause {
    /** Returns after the window, or at once when the thread is interrupted. */
    void pass();
}
