package io.heliodor.client.session;

import java.util.random.RandomGenerator;

/** The parts of a client that its channels and calls share. */
interface Session {
    /** The time of the input that is handled. */
    long now();

    Timers timers();

    Timing timing();

    RandomGenerator random();

    CounterValues counters();

    Effects effects();

    SendQueue queue();

    PendingCalls calls();

    /** Whether frames can be queued for the connection. */
    boolean isOpen();

    /** Whether no frame is read, because callbacks do not keep up. */
    boolean isPaused();

    String nextRef();

    void deliver(Delivery delivery);
}
