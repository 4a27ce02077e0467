package io.heliodor.presence;

import io.heliodor.presence.crdt.Changes;
import io.heliodor.presence.crdt.Delta;
import io.heliodor.presence.crdt.Entry;
import io.heliodor.presence.crdt.ReplicaId;
import io.heliodor.presence.crdt.State;
import io.heliodor.presence.crdt.Transition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The presences of some topics: their state, and the speakers for its changes. The topics of a presence are divided among shards
 * that share nothing but the owners.
 */
final class Shard<M> {
    /** How many a presence has. The shard of a topic is part of what nodes tell each other. */
    static final int COUNT = 64;

    private static final Duration BATCH = Duration.ofMillis(5);
    private static final ThreadFactory THREADS =
            Thread.ofVirtual().name("heliodor-presence").factory();

    private final int number;
    private final Presence<M> presence;

    /** Held for a step. No user code runs under it, and no event loop takes it. */
    final Object lock = new Object();

    /** The state for reads. Steps replace it; the end of an owner is added to it without the lock. */
    private final AtomicReference<Snapshot<M>> snapshot;

    /** Whether there is a thread that removes the owners that have ended. */
    private final AtomicBoolean removing = new AtomicBoolean();

    /** Speakers without a thread that have something to tell. Added under the lock, started without it. */
    private final Queue<PacedPublisher<M>> starting = new ConcurrentLinkedQueue<>();

    // All of what follows is guarded by the lock.

    private State<M> state;

    /** The snapshot whose ends are in the state; those that were added since are not. */
    private Snapshot<M> published;

    /** Up to which version of this node the changes were published. */
    private long publishedVersion;

    private final Map<String, TopicAnnouncer<M>> voices = new HashMap<>();
    private final Map<String, List<DiffSubscription<M>>> followers = new HashMap<>();

    Shard(int number, Presence<M> presence, ReplicaId replica) {
        this.number = number;
        this.presence = presence;
        this.state = State.of(replica);
        this.published = Snapshot.of(state);
        this.snapshot = new AtomicReference<>(published);
    }

    /** The number of the shard of a topic. */
    static int of(String topic) {
        int hash = topic.hashCode();
        return (hash ^ hash >>> 16) & (COUNT - 1);
    }

    int number() {
        return number;
    }

    /** Whether it is one of some shards, which have a bit each. */
    boolean isIn(long bits) {
        return (bits >>> number & 1) != 0;
    }

    /** Without a lock: the state of the last step, without the owners that have ended since. */
    State<M> visible() {
        return snapshot.get().visible();
    }

    // Owners that end.

    /**
     * Notes the end of an owner. Event loops call it, so it takes no lock. No read that begins after it returned sees the
     * owner; the next step removes what the owner has, and a thread makes that step.
     */
    void ended(OwnerRegistration owner) {
        Snapshot<M> _ = snapshot.updateAndGet(current -> current.without(owner));
        // The plain read first: while many owners end, the flag is nearly always set.
        if (!removing.get() && removing.compareAndSet(false, true)) {
            THREADS.newThread(this::removeEnded).start();
        }
    }

    /** At once, then every few milliseconds: owners that end together are removed in few steps. */
    private void removeEnded() {
        do {
            try {
                while (snapshot.get().hasEnded()) {
                    change(() -> {});
                    LockSupport.parkNanos(BATCH.toNanos());
                }
            } finally {
                removing.set(false);
            }
            // An owner that ended before the flag was cleared has started no thread.
        } while (snapshot.get().hasEnded() && removing.compareAndSet(false, true));
    }

    // Steps.

    /**
     * Runs a step under the lock, then starts the threads that it calls for. Each step first removes the owners that have
     * ended: no diff that is taken now has them, and no handler that is late tracks them again.
     */
    <T extends @Nullable Object> T step(Supplier<T> work) {
        try {
            synchronized (lock) {
                settle();
                return work.get();
            }
        } finally {
            for (PacedPublisher<M> next = starting.poll(); next != null; next = starting.poll()) {
                THREADS.newThread(next).start();
            }
        }
    }

    void change(Runnable change) {
        boolean _ = step(() -> {
            change.run();
            return true;
        });
    }

    /** Under the lock: removes the owners that have ended, with all that they have, in one step. */
    private void settle() {
        Snapshot<M> current = snapshot.get();
        List<OwnerRegistration> ended = current.endedSince(published);
        if (ended.isEmpty()) {
            return;
        }
        Transition<M> step =
                state.removeOwners(ended.stream().map(OwnerRegistration::number).toList());
        published = current;
        apply(step);
    }

    /** Under the lock: shows the state that a step comes to, and hands its changes to the speakers. */
    void apply(Transition<M> step) {
        publish(step.state());
        byTopic(step.changes()).forEach((topic, changes) -> {
            followers.getOrDefault(topic, List.of()).forEach(follower -> gather(follower, changes));
            gather(voice(topic), changes);
        });
        if (state.version(state.self()) != publishedVersion) {
            presence.changed(this);
        }
        // In the same step, after the joins: the key never vanishes, and one diff has both.
        List<Entry<M>> returned = presence.returned(state, step.changes().joins());
        if (!returned.isEmpty()) {
            apply(state.remove(returned));
        }
    }

    /** Under the lock. The owners that ended during this step stay ended. */
    private void publish(State<M> next) {
        Snapshot<M> before = published;
        Snapshot<M> after = Snapshot.of(next);
        state = next;
        published = after;
        snapshot.updateAndGet(current -> after.without(current.endedSince(before)));
    }

    private void gather(PacedPublisher<M> speaker, Changes<M> changes) {
        speaker.gather(changes);
        startIfDue(speaker);
    }

    private void startIfDue(PacedPublisher<M> speaker) {
        if (speaker.starts()) {
            starting.add(speaker);
        }
    }

    private static <M> Map<String, Changes<M>> byTopic(Changes<M> changes) {
        if (changes.isEmpty()) {
            return Map.of();
        }
        Set<String> topics = new LinkedHashSet<>();
        changes.joins().forEach(entry -> topics.add(entry.topic()));
        changes.leaves().forEach(entry -> topics.add(entry.topic()));
        if (topics.size() == 1) {
            return Map.of(topics.iterator().next(), changes);
        }
        Map<String, List<Entry<M>>> joins = new HashMap<>();
        Map<String, List<Entry<M>>> leaves = new HashMap<>();
        changes.joins()
                .forEach(each -> joins.computeIfAbsent(each.topic(), topic -> new ArrayList<>())
                        .add(each));
        changes.leaves()
                .forEach(each -> leaves.computeIfAbsent(each.topic(), topic -> new ArrayList<>())
                        .add(each));
        Map<String, Changes<M>> byTopic = new LinkedHashMap<>();
        for (String topic : topics) {
            byTopic.put(
                    topic, new Changes<>(joins.getOrDefault(topic, List.of()), leaves.getOrDefault(topic, List.of())));
        }
        return byTopic;
    }

    /** Under the lock. */
    State<M> state() {
        return state;
    }

    // Speakers.

    /** Under the lock. */
    TopicAnnouncer<M> voice(String topic) {
        return voices.computeIfAbsent(topic, name -> new TopicAnnouncer<>(presence, this, name));
    }

    /** Under the lock: somebody asked a voice for the state. */
    void asked(TopicAnnouncer<M> voice) {
        startIfDue(voice);
    }

    /** Under the lock: a voice has nothing to tell any more. */
    void quiet(TopicAnnouncer<M> voice) {
        voices.remove(voice.topic, voice);
    }

    /** Topics whose clients got a diff within the last window. */
    int speakers() {
        return step(voices::size);
    }

    /** Under the lock. */
    void follow(DiffSubscription<M> follower) {
        followers.computeIfAbsent(follower.topic, name -> new ArrayList<>(1)).add(follower);
        startIfDue(follower);
    }

    void unfollow(DiffSubscription<M> follower) {
        follower.close();
        change(() -> followers.computeIfPresent(follower.topic, (topic, all) -> {
            all.remove(follower);
            return all.isEmpty() ? null : all;
        }));
    }

    void close() {
        change(() -> {
            followers.values().forEach(all -> all.forEach(DiffSubscription::close));
            followers.clear();
        });
    }

    // Other nodes.

    /** Begins anew, before anybody is present: above all versions that a former presence of the same name had. */
    void begin(long version) {
        change(() -> {
            publishedVersion = version;
            publish(State.of(state.self(), version));
        });
    }

    /** Without a lock: the state of the last step. The entries of owners that ended since are in it. */
    State<M> latest() {
        return snapshot.get().base();
    }

    /** The changes of this node that were not published; from now on they are. Empty if there are none. */
    Optional<Delta<M>> unpublished() {
        return step(() -> {
            long from = publishedVersion;
            publishedVersion = state.version(state.self());
            if (from == publishedVersion) {
                return Optional.empty();
            }
            // If there are more changes than a delta may have, the others see a gap, and ask.
            return Optional.of(state.since(state.self(), from)
                    .filter(delta -> delta.added().size() + delta.removed().size() <= Replication.MAX_DELTA_CHANGES)
                    .orElseGet(
                            () -> new Delta<>(state.self(), publishedVersion, publishedVersion, List.of(), List.of())));
        });
    }

    /** Removes all that this node has, for the others. */
    void withdraw() {
        change(() -> apply(state.removeAll()));
    }

    /** Takes a delta of another node; false if it shows that something was missed. */
    boolean merge(Delta<M> delta) {
        return step(() -> {
            if (state.hasGap(delta)) {
                return false;
            }
            apply(state.merge(delta));
            return true;
        });
    }

    /** Takes a copy of another node. */
    void copy(ReplicaId replica, long version, long last, List<Entry<M>> entries) {
        change(() -> apply(state.copy(replica, version, last, entries)));
    }

    void show(ReplicaId replica) {
        change(() -> apply(state.show(replica)));
    }

    void hide(ReplicaId replica) {
        change(() -> apply(state.hide(replica)));
    }

    void forget(ReplicaId replica) {
        change(() -> apply(state.forget(replica)));
    }
}
