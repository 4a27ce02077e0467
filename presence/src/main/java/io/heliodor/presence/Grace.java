package io.heliodor.presence;

import io.heliodor.presence.crdt.Entry;
import io.heliodor.presence.crdt.State;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
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

    private final Pause time;
    private final long maxBytes;
    private final ConcurrentHashMap<Long, OwnerRegistration> lost = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    Grace(Pause time, long maxBytes) {
        this.time = time;
        this.maxBytes = maxBytes;
    }

    /**
     * Admits a lost owner, if there is memory for it. Event loops call this.
     *
     * @param begun runs when the owner counts as lost, on a thread of its own
     * @param expired runs on that thread when the time is over
     * @return false if the owner is to be removed at once
     */
    boolean admit(OwnerRegistration owner, Consumer<Grace> begun, Runnable expired) {
        long cost = owner.bytesAtEnd();
        if (bytes.addAndGet(cost) > maxBytes) {
            bytes.addAndGet(-cost);
            if (refused.getAndIncrement() == 0) {
                LOG.warn("Presences of lost connections take {} bytes: further ones go at once.", maxBytes);
            }
            return false;
        }
        lost.put(owner.number(), owner);
        THREADS.newThread(() -> {
                    begun.accept(this);
                    time.pass();
                    lost.remove(owner.number());
                    bytes.addAndGet(-cost);
                    expired.run();
                })
                .start();
        return true;
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
    long bytes() {
        return bytes.get();
    }

    /** The owners that were not kept, since the start. */
    long refused() {
        return refused.get();
    }
}
