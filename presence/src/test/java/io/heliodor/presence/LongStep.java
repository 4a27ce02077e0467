package io.heliodor.presence;

import java.util.concurrent.CountDownLatch;

/** A step of a presence that takes until it is closed: a thread that holds the lock of the shard of a topic. */
public final class LongStep implements AutoCloseable {
    private final CountDownLatch end = new CountDownLatch(1);

    /** Returns as soon as the step has begun. */
    public static LongStep begin(Presence<?> presence, String topic) throws InterruptedException {
        LongStep step = new LongStep();
        var begun = new CountDownLatch(1);
        Thread.ofPlatform().daemon().start(() -> step.last(presence.lock(topic), begun));
        begun.await();
        return step;
    }

    private void last(Object lock, CountDownLatch begun) {
        synchronized (lock) {
            begun.countDown();
            try {
                end.await();
            } catch (InterruptedException e) {
                throw new AssertionError("a step was interrupted", e);
            }
        }
    }

    /** Lets the step end. */
    @Override
    public void close() {
        end.countDown();
    }
}
