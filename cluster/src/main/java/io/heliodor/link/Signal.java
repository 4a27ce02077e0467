package io.heliodor.link;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/** Wakes threads that wait for a condition, as {@code Condition} does, but without a lock. Thread-safe. */
public final class Signal {
    private final AtomicReference<CompletableFuture<Void>> next = new AtomicReference<>(new CompletableFuture<>());

    /** A signal without waiting threads. */
    public Signal() {}

    /** Lets all waiting threads evaluate their conditions again. */
    public void signalAll() {
        next.getAndSet(new CompletableFuture<>()).complete(null);
    }

    /**
     * Waits until a condition holds.
     *
     * @param condition evaluated now and after each {@link #signalAll}
     * @param nanos the maximum time to wait; with 0 or less the condition is evaluated once
     * @param time the time by which it waits
     * @return whether the condition holds
     * @throws InterruptedException when interrupted while waiting
     */
    public boolean await(BooleanSupplier condition, long nanos, Time time) throws InterruptedException {
        long begin = time.nanos();
        while (true) {
            // Read before the condition: a signal between the two completes this future.
            CompletableFuture<Void> change = next.get();
            if (condition.getAsBoolean()) {
                return true;
            }
            long left = nanos - (time.nanos() - begin);
            if (left <= 0) {
                return false;
            }
            time.await(change, left);
        }
    }
}
