package io.heliodor.presence.crdt;

import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The latest removals of one replica: which counters, and at which version. Immutable; a list that shares its older part
 * with the one before, and of which the oldest are forgotten now and then.
 */
final class RemovalLog {
    private static final int LEAST = 256;

    private record Removal(
            long version, long counter, @Nullable Removal before) {}

    private final @Nullable Removal last;
    private final int size;

    /** All removals after this version are here. */
    private final long complete;

    private RemovalLog(@Nullable Removal last, int size, long complete) {
        this.last = last;
        this.size = size;
        this.complete = complete;
    }

    /** No removal is known, also of those up to a version. */
    static RemovalLog noneSince(long version) {
        return new RemovalLog(null, 0, version);
    }

    /** Whether all removals after a version are here. */
    boolean completeSince(long version) {
        return version >= complete;
    }

    /**
     * This one with one more.
     *
     * @param present how many entries there are: so many removals are kept at least, since more would cost a peer as much as
     *     a copy
     */
    RemovalLog plus(long version, long counter, int present) {
        int most = Math.max(LEAST, present);
        RemovalLog more = new RemovalLog(new Removal(version, counter, last), size + 1, complete);
        return more.size < 2 * most ? more : more.newest(most);
    }

    private RemovalLog newest(int most) {
        long[] versions = new long[most];
        long[] counters = new long[most];
        Removal at = last;
        for (int i = most - 1; i >= 0 && at != null; i--) {
            versions[i] = at.version();
            counters[i] = at.counter();
            at = at.before();
        }
        Removal kept = null;
        for (int i = 0; i < most; i++) {
            kept = new Removal(versions[i], counters[i], kept);
        }
        return new RemovalLog(kept, most, at == null ? complete : at.version());
    }

    /** The counters that were removed after a version, the latest first. */
    void forEachSince(long version, LongConsumer visitor) {
        for (Removal at = last; at != null && at.version() > version; at = at.before()) {
            visitor.accept(at.counter());
        }
    }
}
