package io.heliodor.session.budget;

import java.util.concurrent.atomic.AtomicInteger;

/** Bytes that several queues may hold at once; the budget counts them once, while any queue does. Any thread may use it. */
public final class SharedMemory {
    private final MemoryBudget budget;
    private final long bytes;
    private final AtomicInteger holders = new AtomicInteger();

    public SharedMemory(MemoryBudget budget, long bytes) {
        this.budget = budget;
        this.bytes = bytes;
    }

    public long bytes() {
        return bytes;
    }

    public void retain() {
        if (holders.getAndIncrement() == 0) {
            budget.add(bytes);
        }
    }

    public void release() {
        if (holders.decrementAndGet() == 0) {
            budget.add(-bytes);
        }
    }
}
