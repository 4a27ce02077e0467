package io.heliodor.presence.crdt;

import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The latest removals of one replica: the removed counters with the versions of their removals. An immutable linked list, which
 * shares its older part with its predecessor. The oldest removals are forgotten in batches.
 *
 * @param last the latest removal
 * @param size the number of removals
 * @param complete the version after which all removals are known
 */
record RemovalLog(@Nullable Removal last, int size, long complete) {
    private static final int MIN_KEPT = 256;
    private static final long REMOVAL_BYTES = 32;

    record Removal(long version, long counter, @Nullable Removal before) {}

    /** An empty log: removals up to a version are not known. */
    static RemovalLog noneSince(long version) {
        return new RemovalLog(null, 0, version);
    }

    /** The heap that it takes. */
    long bytes() {
        return REMOVAL_BYTES * size;
    }

    /** Whether all removals after a version are known. */
    boolean completeSince(long version) {
        return version >= complete;
    }

    /**
     * This log with one more removal.
     *
     * @param present the number of entries, which is the minimum number of removals that are kept. To send more would cost as much
     *     as a copy
     */
    RemovalLog plus(long version, long counter, int present) {
        int kept = Math.max(MIN_KEPT, present);
        RemovalLog more = new RemovalLog(new Removal(version, counter, last), size + 1, complete);
        return more.size < 2 * kept ? more : more.newest(kept);
    }

    private RemovalLog newest(int count) {
        long[] versions = new long[count];
        long[] counters = new long[count];
        Removal at = last;
        for (int i = count - 1; i >= 0 && at != null; i--) {
            versions[i] = at.version();
            counters[i] = at.counter();
            at = at.before();
        }
        Removal kept = null;
        for (int i = 0; i < count; i++) {
            kept = new Removal(versions[i], counters[i], kept);
        }
        return new RemovalLog(kept, count, at == null ? complete : at.version());
    }

    /** Checks the order and the number of the removals, and that the version covers them. */
    void checkInvariants(long covered) {
        long later = covered;
        int count = 0;
        for (Removal at = last; at != null; at = at.before()) {
            Invariant.check(
                    complete < at.version() && at.version() <= later && at.counter() <= at.version(),
                    "removals are in the order of their versions",
                    at.version(),
                    later,
                    at.counter(),
                    complete);
            later = at.version();
            count++;
        }
        Invariant.check(
                count == size && complete <= covered, "the removals are counted", count, size, complete, covered);
    }

    /** Visits the counters that were removed after a version, the latest first. */
    void forEachSince(long version, LongConsumer visitor) {
        for (Removal at = last; at != null && at.version() > version; at = at.before()) {
            visitor.accept(at.counter());
        }
    }
}
