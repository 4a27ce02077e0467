package io.heliodor.load;

import java.util.Arrays;

/**
 * The messages of its topic that one member has received: their number, and which of the last ones came, so that a repeated message is noticed. Not safe
 * for use by several threads at a time, except that any thread may read the numbers.
 */
final class Arrivals {
    /** Whether a message came before. */
    enum Kind {
        NEW,
        REPEATED,
        /** So old that it is not known whether it came before. It counts as missing. */
        LATE
    }

    private final long[] seen;
    private final int capacity;
    private long base;
    private volatile long received;

    Arrivals(int capacity) {
        this.capacity = capacity;
        this.seen = new long[(capacity + 63) / 64];
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    Kind take(long number) {
        if (number < base) {
            return Kind.LATE;
        }
        if (number >= base + 2L * capacity) {
            Arrays.fill(seen, 0);
            base = number - capacity + 1;
        }
        while (number >= base + capacity) {
            clear(base);
            base++;
        }
        int bit = (int) (number % capacity);
        long mask = 1L << (bit & 63);
        if ((seen[bit / 64] & mask) != 0) {
            return Kind.REPEATED;
        }
        seen[bit / 64] |= mask;
        received++;
        return Kind.NEW;
    }

    private void clear(long number) {
        int bit = (int) (number % capacity);
        seen[bit / 64] &= ~(1L << (bit & 63));
    }

    /** The number of different messages. */
    long received() {
        return received;
    }
}
