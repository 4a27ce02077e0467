package io.heliodor.presence;

/** Lets time pass between two things that are said. */
@FunctionalInterface
interface Pause {
    /** Returns after the window, whatever wakes or interrupts the thread meanwhile. */
    void pass();
}
