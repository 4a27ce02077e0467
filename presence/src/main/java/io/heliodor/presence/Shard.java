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
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The state of some topics of a presence, and the publishers of its changes. Topics are divided among shards by a hash; shards share
 * nothing but the owners.
 */
final class Shard<M> {
    /** The number of shards of a presence. The shard of a topic is part of the messages between nodes. */
    static final int COUNT = 64;

    private static final Duration BATCH = Duration.ofMillis(5);
    private static final ThreadFactory THREADS =
            Thread.ofVirtual().name("heliodor-presence").factory();

    private final int number;
    private final Announcer<M> announcer;
    private final Pause pause;
    private final Optional<Grace> grace;

    /** Held for a step. No user code runs under it, and no event loop takes it. */
    final Object lock = new Object();

    /** The state for reads. Steps replace it; the end of an owner is added to it without the lock. */
    private final AtomicReference<Snapshot<M>> snapshot;

    /** Whether there is a thread that removes the owners that have ended. */
    private final AtomicBoolean removing = new AtomicBoolean();

    /** Publishers that are due and have no thread. Added under the lock, started without it. */
    private final Queue<PacedPublisher<M>> starting = new ConcurrentLinkedQueue<>();

    // All of what follows is guarded by the lock.

    private State<M> state;

    /** The snapshot whose ends are in the state; ends that were added to it since then are not. */
    private Snapshot<M> published;

    /** The last version of this node whose changes were published to other nodes. */
    private long publishedVersion;

    /** Called after a step that changed the entries of this node, under the lock. */
    private Consumer<Shard<M>> changeListener = _ -> {};

    private final Map<String, TopicAnnouncer<M>> announcers = new HashMap<>();
    private final Map<String, List<DiffSubscription<M>>> subscriptions = new HashMap<>();

    Shard(int number, ReplicaId replica, Announcer<M> announcer, Pause pause, Optional<Grace> grace) {
        this.number = number;
        this.announcer = announcer;
        this.pause = pause;
        this.grace = grace;
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

    /** Whether this shard is in a set of shards that has a bit for each. */
    boolean isIn(long bits) {
        return (bits >>> number & 1) != 0;
    }

    /** The state of the last step, without the owners that have ended since then. Without a lock. */
    State<M> visible() {
        return snapshot.get().visible();
    }

    // Owners that end.

    /**
     * Adds the end of an owner to the snapshot. Event loops call this, so it takes no lock. No read that begins after its return sees
     * the owner. The next step, for which a thread is started, removes its presences.
     */
    void ended(OwnerRegistration owner) {
        Snapshot<M> _ = snapshot.updateAndGet(current -> current.without(owner));
        // The plain read first: while many owners end, the flag is nearly always set.
        if (!removing.get() && removing.compareAndSet(false, true)) {
            THREADS.newThread(this::removeEnded).start();
        }
    }

    /** Removes owners that have ended, at once and then every few milliseconds: few steps for owners that end together. */
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
     * Runs a step under the lock, then starts the publishers that are due. Each step first removes the owners that have ended. So no
     * diff taken from now on contains them, and no late handler tracks them again.
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

    /** Removes the owners that have ended, with all their presences, in one transition. Under the lock. */
    private void settle() {
        Snapshot<M> current = snapshot.get();
        List<OwnerRegistration> ended = current.endedSince(published);
        if (ended.isEmpty()) {
            return;
        }
        Transition<M> transition =
                state.removeOwners(ended.stream().map(OwnerRegistration::number).toList());
        published = current;
        apply(transition);
    }

    /** Publishes the state of a transition to readers, and adds its changes to the publishers. Under the lock. */
    void apply(Transition<M> transition) {
        publish(transition.state());
        byTopic(transition.changes()).forEach((topic, changes) -> {
            subscriptions.getOrDefault(topic, List.of()).forEach(subscription -> add(subscription, changes));
            add(announcer(topic), changes);
        });
        if (state.version(state.self()) != publishedVersion) {
            changeListener.accept(this);
        }
        // In the same step, after the joins: the key never vanishes, and one diff has both.
        List<Entry<M>> returned = grace.map(
                        present -> present.returned(state, transition.changes().joins()))
                .orElse(List.of());
        if (!returned.isEmpty()) {
            apply(state.remove(returned));
        }
    }

    /** Owners that ended during this step stay ended in the next snapshot. Under the lock. */
    private void publish(State<M> next) {
        Snapshot<M> before = published;
        Snapshot<M> after = Snapshot.of(next);
        state = next;
        published = after;
        snapshot.updateAndGet(current -> after.without(current.endedSince(before)));
    }

    private void add(PacedPublisher<M> publisher, Changes<M> changes) {
        publisher.add(changes);
        startIfDue(publisher);
    }

    /** Starts the thread of a publisher after this step, if something is due. Under the lock. */
    void startIfDue(PacedPublisher<M> publisher) {
        if (publisher.starts()) {
            starting.add(publisher);
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

    // Publishers.

    /** The announcer of a topic, which is made if there is none. Under the lock. */
    TopicAnnouncer<M> announcer(String topic) {
        return announcers.computeIfAbsent(topic, name -> new TopicAnnouncer<>(this, name, announcer));
    }

    /** Under the lock. */
    void remove(TopicAnnouncer<M> quiet) {
        announcers.remove(quiet.topic, quiet);
    }

    /** The number of topics whose clients got a diff within the last window. */
    int announcers() {
        return step(announcers::size);
    }

    /** Under the lock. */
    void add(DiffSubscription<M> subscription) {
        subscriptions
                .computeIfAbsent(subscription.topic, name -> new ArrayList<>(1))
                .add(subscription);
        startIfDue(subscription);
    }

    void remove(DiffSubscription<M> subscription) {
        change(() -> subscriptions.computeIfPresent(subscription.topic, (topic, all) -> {
            all.remove(subscription);
            return all.isEmpty() ? null : all;
        }));
    }

    /** Blocks until the window is over. */
    void pause() {
        pause.pass();
    }

    void close() {
        change(() -> {
            subscriptions.values().forEach(all -> all.forEach(DiffSubscription::cancel));
            subscriptions.clear();
        });
    }

    // Replication.

    /**
     * Begins to be replicated, before there are entries.
     *
     * @param version above all versions of a former presence of the same name; 0 for the first one
     * @param listener called after each step that changed the entries of this node, under the lock
     */
    void begin(long version, Consumer<Shard<M>> listener) {
        change(() -> {
            changeListener = listener;
            publishedVersion = version;
            publish(State.of(state.self(), version));
        });
    }

    /** The state of the last step, with the owners that have ended since then. Without a lock. */
    State<M> latest() {
        return snapshot.get().base();
    }

    /** Takes the changes of this node that were not published; empty if there are none. */
    Optional<Delta<M>> takeUnpublished() {
        return step(() -> {
            long from = publishedVersion;
            publishedVersion = state.version(state.self());
            if (from == publishedVersion) {
                return Optional.empty();
            }
            // An empty delta in place of one that is too large: receivers see a gap, and request the changes.
            return Optional.of(state.since(state.self(), from)
                    .filter(delta -> delta.added().size() + delta.removed().size() <= Replication.MAX_DELTA_CHANGES)
                    .orElseGet(
                            () -> new Delta<>(state.self(), publishedVersion, publishedVersion, List.of(), List.of())));
        });
    }

    /** Removes all entries of this node. */
    void withdraw() {
        change(() -> apply(state.removeAll()));
    }

    /** Merges a delta of another node; false if it has a gap. */
    boolean merge(Delta<M> delta) {
        return step(() -> {
            if (state.hasGap(delta)) {
                return false;
            }
            apply(state.merge(delta));
            return true;
        });
    }

    /** Merges a complete copy of another node's entries. */
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
