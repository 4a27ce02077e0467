package io.heliodor.presence;

import io.heliodor.fixtures.HeldLock;

/** A step of a presence that takes until it is closed. */
public final class LongStep {
    private LongStep() {}

    /** Returns as soon as another thread holds the lock of the shard of a topic. */
    public static HeldLock begin(Presence<?> presence, String topic) throws InterruptedException {
        return HeldLock.hold(presence.lock(topic));
    }
}
