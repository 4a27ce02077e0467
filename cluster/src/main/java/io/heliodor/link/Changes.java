package io.heliodor.link;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/** Wakes up who waits until something is so, whenever it may have become so. Any thread may use it. */
public final class Changes {
    private final AtomicReference<CompletableFuture<Void>> next = new AtomicReference<>(new CompletableFuture<>());

    /** Nobody waits yet. */
    public Changes() {}

    /** Something changed: who waits looks again. */
    public void signal() {
        next.getAndSet(new CompletableFuture<>()).complete(null);
    }

    /**
     * Waits until something is so.
     *
     * @param so looks whether it is; asked again after each {@link #signal}
     * @param nanos how long to wait at most; with 0 or less it is asked once
     * @param time by which time
     * @return whether it is so
     * @throws InterruptedException when interrupted while waiting
     */
    public boolean await(BooleanSupplier so, long nanos, Time time) throws InterruptedException {
        long begin = time.nanos();
        while (true) {
            // Taken before it is asked: no change after that is missed.
            CompletableFuture<Void> change = next.get();
            if (so.getAsBoolean()) {
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
