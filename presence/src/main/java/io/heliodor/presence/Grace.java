package io.heliodor.presence;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.counter.PartyBytes;
import io.heliodor.presence.crdt.Entry;
import io.heliodor.presence.crdt.State;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The owners whose connections were lost, and the time and heap for which they stay present. Any thread may use it; no method
 * blocks.
 */
final class Grace {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.presence");
    private static final ThreadFactory THREADS =
            Thread.ofVirtual().name("heliodor-grace").factory();

    /** The time for which a lost owner stays. */
    @FunctionalInterface
    interface Time {
        /** Blocks for the time, but returns early if the thread is interrupted and the owner's time is over. */
        void pass(BooleanSupplier over);
    }

    /**
     * A lost owner.
     *
     * @param cost the heap of its presences
     * @param thread waits for the end of its time
     */
    private record Lost(OwnerRegistration owner, long cost, Thread thread) {}

    private final Time time;
    private final long maxBytes;
    private final ConcurrentHashMap<Long, Lost> lost = new ConcurrentHashMap<>();

    @GuardedBy("this")
    private final PartyBytes<Object> bytes = new PartyBytes<>();

    /** The lost owners of each party, the first ones lost first. */
    @GuardedBy("this")
    private final Map<Object, LinkedHashSet<Lost>> byParty = new HashMap<>();

    private final AtomicLong refused = new AtomicLong();

    Grace(Time time, long maxBytes) {
        this.time = time;
        this.maxBytes = maxBytes;
    }

    /**
     * Admits a lost owner, if there is memory for it. Without, the party that holds most gives way: its owners end in the order
     * in which they were lost. Event loops call this.
     *
     * @param begun runs when the owner counts as lost, on a thread of its own
     * @param expired runs on that thread when the time is over
     * @return false if the owner is to be removed at once, since its own party holds most
     */
    boolean admit(OwnerRegistration owner, Consumer<Grace> begun, Runnable expired) {
        Thread thread = THREADS.newThread(() -> {
            begun.accept(this);
            time.pass(() -> !lost.containsKey(owner.number()));
            end(owner);
            boolean _ =
                    Thread.interrupted(); // the interrupt of an early end comes under the lock, so it is here by now
            expired.run();
        });
        boolean admitted = add(new Lost(owner, owner.bytesAtEnd(), thread));
        if (admitted) {
            thread.start();
        }
        return admitted;
    }

    private synchronized boolean add(Lost next) {
        Object party = next.owner().party();
        bytes.add(party, next.cost());
        while (bytes.bytes() > maxBytes) {
            if (refused.getAndIncrement() == 0) {
                LOG.warn("Presences of lost connections take {} bytes: further ones go at once.", maxBytes);
            }
            Object largest = Objects.requireNonNull(bytes.largest());
            if (largest.equals(party)) {
                bytes.add(party, -next.cost());
                return false;
            }
            Lost first = Objects.requireNonNull(byParty.get(largest)).getFirst();
            remove(first);
            first.thread().interrupt();
        }
        lost.put(next.owner().number(), next);
        byParty.computeIfAbsent(party, _ -> new LinkedHashSet<>(2)).add(next);
        return true;
    }

    private synchronized void end(OwnerRegistration owner) {
        Lost ended = lost.get(owner.number());
        if (ended != null) {
            remove(ended);
        }
    }

    @GuardedBy("this")
    private void remove(Lost ended) {
        Object party = ended.owner().party();
        lost.remove(ended.owner().number());
        bytes.add(party, -ended.cost());
        Set<Lost> others = Objects.requireNonNull(byParty.get(party));
        others.remove(ended);
        if (others.isEmpty()) {
            byParty.remove(party);
        }
    }

    /** The presences of a lost owner whose keys other owners have as well. */
    <M> List<Entry<M>> repeated(State<M> state, OwnerRegistration owner) {
        return state.owned(owner.number()).stream()
                .filter(entry ->
                        state.topic(entry.topic()).get(entry.key()).stream().anyMatch(other -> !isLost(other)))
                .toList();
    }

    /** The lost presences whose keys are among new entries: their clients have come back. */
    <M> List<Entry<M>> returned(State<M> state, List<Entry<M>> joins) {
        if (lost.isEmpty()) {
            return List.of();
        }
        return joins.stream()
                .filter(entry -> !isLost(entry))
                .flatMap(entry -> state.topic(entry.topic()).get(entry.key()).stream())
                .filter(this::isLost)
                .distinct()
                .toList();
    }

    private boolean isLost(Entry<?> entry) {
        return lost.containsKey(entry.owner());
    }

    /** The number of owners that are lost. */
    int owners() {
        return lost.size();
    }

    /** Their bytes. */
    synchronized long bytes() {
        return bytes.bytes();
    }

    /** The owners that were not kept, or not for all of the time, since the start. */
    long refused() {
        return refused.get();
    }
}
