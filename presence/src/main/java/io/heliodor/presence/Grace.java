package io.heliodor.presence;

import io.heliodor.presence.crdt.Entry;
import io.heliodor.presence.crdt.State;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owners whose connections were lost. They stay present for a while, since their clients may come back. Any thread may use it; none
 * waits.
 */
final class Grace {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.presence");
    private static final ThreadFactory THREADS =
            Thread.ofVirtual().name("heliodor-grace").factory();

    private final Pause time;
    private final Owners owners;
    private final long maxBytes;
    private final ConcurrentHashMap<Long, OwnerRegistration> lost = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    /** The presences of lost owners. Called by threads of the grace. */
    interface Owners {
        /** Removes the repeated ones. */
        void removeRepeated(Grace lost, OwnerRegistration owner);

        /** The owner goes. */
        void go(OwnerRegistration owner);
    }

    Grace(Pause time, Owners owners, long maxBytes) {
        this.time = time;
        this.owners = owners;
        this.maxBytes = maxBytes;
    }

    /** Lets an owner stay, if there is room. Event loops call it. */
    boolean take(OwnerRegistration owner) {
        long cost = owner.bytesAtEnd();
        if (bytes.addAndGet(cost) > maxBytes) {
            bytes.addAndGet(-cost);
            if (refused.getAndIncrement() == 0) {
                LOG.warn("Presences of lost connections take {} bytes: further ones go at once.", maxBytes);
            }
            return false;
        }
        lost.put(owner.number(), owner);
        THREADS.newThread(() -> stay(owner, cost)).start();
        return true;
    }

    private void stay(OwnerRegistration owner, long cost) {
        owners.removeRepeated(this, owner);
        time.pass();
        lost.remove(owner.number());
        bytes.addAndGet(-cost);
        owners.go(owner);
    }

    /** The presences of a lost owner whose keys others have, too. */
    <M> List<Entry<M>> repeated(State<M> state, OwnerRegistration owner) {
        return state.owned(owner.number()).stream()
                .filter(entry ->
                        state.topic(entry.topic()).get(entry.key()).stream().anyMatch(other -> !isLost(other)))
                .toList();
    }

    /** The lost presences whose keys some that joined have. */
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

    Presence.Lost counts() {
        return new Presence.Lost(lost.size(), bytes.get(), refused.get());
    }
}
