package io.heliodor.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** An allocator of which chosen allocations of direct memory fail. Each is named by the method that requests it. */
final class FailingAllocator extends PooledByteBufAllocator {
    private static final StackWalker STACK = StackWalker.getInstance();

    /** The number of allocations of each method since {@link #begin}. */
    private final Map<String, Integer> allocations = new TreeMap<>();

    private Predicate<Allocation> fails = allocation -> false;
    private boolean failed;

    /** The {@code number}th allocation by a method, counted from 1. */
    record Allocation(String method, int number) {}

    FailingAllocator() {
        super(true);
    }

    /** Resets the counts; from now on these allocations fail. */
    synchronized void begin(Predicate<Allocation> failing) {
        allocations.clear();
        fails = failing;
        failed = false;
    }

    /** No allocation fails any more. Returns whether one has failed. */
    synchronized boolean end() {
        fails = allocation -> false;
        return failed;
    }

    synchronized Map<String, Integer> allocations() {
        return new TreeMap<>(allocations);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initial, int max) {
        if (mayNot(STACK.walk(frames -> frames.filter(frame -> isOurs(frame.getClassName()))
                .findFirst()
                .map(frame -> frame.getClassName().replaceAll(".*\\.", "") + "." + frame.getMethodName())
                .orElse("Netty")))) {
            throw new OutOfMemoryError("on purpose");
        }
        return super.newDirectBuffer(initial, max);
    }

    private static boolean isOurs(String name) {
        return name.startsWith("io.heliodor.transport.") && !name.equals(FailingAllocator.class.getName());
    }

    private synchronized boolean mayNot(String method) {
        int number = allocations.merge(method, 1, Integer::sum);
        boolean fail = fails.test(new Allocation(method, number));
        failed |= fail;
        return fail;
    }
}
