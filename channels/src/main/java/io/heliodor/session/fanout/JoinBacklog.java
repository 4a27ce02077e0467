package io.heliodor.session.fanout;

import io.heliodor.session.budget.MemoryBudget;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The broadcasts to some members since the oldest join whose handler runs: a list of which each join knows its beginning. So all joins share it, and what none needs is garbage. On the lane.
 */
final class JoinBacklog {
    /** The heap of a broadcast in addition to the message and the payload. */
    private static final int OVERHEAD = 256;

    /** An element of the list. */
    static final class Link {
        private final @Nullable BroadcastEntry entry;

        /** The bytes of the list up to here, of broadcasts that are not needed any more as well. */
        private final long total;

        private @Nullable Link next;

        private Link(@Nullable BroadcastEntry entry, long total) {
            this.entry = entry;
            this.total = total;
        }
    }

    /** A join whose handler runs. */
    abstract static class Waiting {
        /** The end of the list when it began; null before, and after its end. */
        private @Nullable Link from;

        private @Nullable Waiting older;
        private @Nullable Waiting newer;

        /** Too much was broadcast meanwhile. Returns false if the handler has returned. */
        abstract boolean overrun();
    }

    private final MemoryBudget memory;
    private final long limit;
    private Link last = new Link(null, 0);
    private @Nullable Waiting oldest;
    private @Nullable Waiting newest;

    /** The bytes that the budget counts. */
    private long counted;

    /**
     * An empty backlog.
     *
     * @param memory counts what it holds
     * @param limit the maximum size for one join, in bytes
     */
    JoinBacklog(MemoryBudget memory, long limit) {
        this.memory = memory;
        this.limit = limit;
    }

    /** Whether no join needs it. */
    boolean isEmpty() {
        return oldest == null;
    }

    void begin(Waiting barrier) {
        barrier.from = last;
        barrier.older = newest;
        if (newest == null) {
            oldest = barrier;
        } else {
            newest.newer = barrier;
        }
        newest = barrier;
    }

    /**
     * Adds a broadcast.
     *
     * @param overrun is called for each join for which there is too much; its handler runs still
     */
    void add(BroadcastEntry entry, Runnable overrun) {
        Link next = new Link(entry, last.total + OVERHEAD + 2L * entry.message.length);
        last.next = next;
        last = next;
        count();
        Waiting each = oldest;
        while (each != null && (held(each) > limit || memory.exhausted())) {
            Waiting newer = each.newer;
            if (each.overrun()) {
                end(each);
                overrun.run();
            }
            each = newer;
        }
    }

    private long held(Waiting barrier) {
        return barrier.from == null ? 0 : last.total - barrier.from.total;
    }

    /** Ends the wait of a join. Returns the broadcasts since its beginning, as {@link #forEach} takes them. */
    @Nullable
    Link end(Waiting barrier) {
        Link from = barrier.from;
        if (from == null) {
            return null;
        }
        barrier.from = null;
        Waiting older = barrier.older;
        Waiting newer = barrier.newer;
        if (older == null) {
            oldest = newer;
        } else {
            older.newer = newer;
        }
        if (newer == null) {
            newest = older;
        } else {
            newer.older = older;
        }
        barrier.older = null;
        barrier.newer = null;
        count();
        return from.next;
    }

    /** Passes on broadcasts in their order. */
    static void forEach(@Nullable Link first, Consumer<BroadcastEntry> action) {
        for (Link each = first; each != null; each = each.next) {
            if (each.entry != null) {
                action.accept(each.entry);
            }
        }
    }

    private void count() {
        long held = oldest == null ? 0 : held(oldest);
        memory.add(held - counted);
        counted = held;
    }
}
