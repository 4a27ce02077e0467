package io.heliodor.presence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for the work of other threads. */
final class Waits {
    private static final long DEADLINE_NANOS = 20_000_000_000L;

    private Waits() {}

    /** Waits for a condition; {@code state} is part of the failure. */
    static void await(BooleanSupplier condition, Supplier<?> state) {
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("The condition is false after the deadline; the state is " + state.get());
            }
            Thread.onSpinWait();
        }
    }

    /** Waits until a log has exactly these events, and clears it. */
    static void awaitEvents(List<String> events, String... lines) {
        await(() -> events.size() >= lines.length, () -> events);
        assertThat(events).containsExactly(lines);
        events.clear();
    }
}
