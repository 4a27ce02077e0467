package io.heliodor.interop.client.program;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The values that a callback has got. */
final class Inbox<T> implements Consumer<T> {
    private static final long SECONDS = 60;

    private final BlockingQueue<T> values = new LinkedBlockingQueue<>();

    @Override
    public void accept(T value) {
        values.add(value);
    }

    /** The next value; waits for it. */
    T next() throws InterruptedException {
        T value = values.poll(SECONDS, TimeUnit.SECONDS);
        if (value == null) {
            throw new AssertionError("no value came within " + SECONDS + " s");
        }
        return value;
    }

    /** The next value, which must be equal to one. */
    void expect(T expected) throws InterruptedException {
        T value = next();
        if (!value.equals(expected)) {
            throw new AssertionError("expected " + expected + ", got " + value);
        }
    }

    /** Waits for a value, and drops those before it. */
    T await(Predicate<? super T> wanted) throws InterruptedException {
        while (true) {
            T value = next();
            if (wanted.test(value)) {
                return value;
            }
        }
    }

    void isEmpty() {
        if (!values.isEmpty()) {
            throw new AssertionError("expected no value, got " + values);
        }
    }
}
