package io.heliodor.client.session;

import java.util.random.RandomGenerator;

/** The parts of a client that its connection, channels and calls share. */
record Session(
        Timing timing,
        RandomGenerator random,
        CounterValues counters,
        Effects effects,
        Timers timers,
        SendQueue queue,
        ReadWindow window) {
    /** The time of the input that is handled. */
    long now() {
        return timers.now();
    }

    void deliver(Delivery delivery) {
        window.queued(delivery.size());
        effects.deliver(delivery);
    }

    /** A push is not sent. */
    void dropPush(int reserved) {
        counters.increment(ClientCounter.DROPPED_PUSHES);
        effects.release(reserved);
    }

    /** A frame is not sent. A call has a deadline of its own. */
    void drop(Outgoing frame) {
        if (frame.isPush()) {
            dropPush(frame.reserved());
        }
    }

    /** A delay between a minimum and its double, since others were refused in the same moment. */
    long spread(long atLeast) {
        return atLeast + (long) (atLeast * random.nextDouble());
    }
}
