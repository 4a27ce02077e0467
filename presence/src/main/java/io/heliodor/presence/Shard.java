package io.heliodor.presence;

import io.heliodor.log.FailureLog;
import io.heliodor.presence.CountFollower.Count;
import io.heliodor.presence.announce.StateRecipient;
import io.heliodor.presence.crdt.Changes;
import io.heliodor.presence.crdt.Delta;
import io.heliodor.presence.crdt.Entry;
import io.heliodor.presence.crdt.ReplicaId;
import io.heliodor.presence.crdt.State;
import io.heliodor.presence.crdt.Transition;
import io.heliodor.type.text.ControlCharacters;
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
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The state of some topics of a presence, and the publishers of its changes. Topics are divided among shards by a hash; shards share
 * nothing but the owners.
 */
final class Shard<M> {
    /** The maximum number of changes in a delta. A node that lacks more gets pages. */
    static final int MAX_DELTA_CHANGES = 1_000;

    /** The event with the state of the owner's own topic. */
    private static final String OWN_STATE = "presence_state";

    private static final Duration BATCH = Duration.ofMillis(5);
    private static final ThreadFactory THREADS =
            Thread.ofVirtual().name("heliodor-presence").factory();

    private final int number;
    private final Announcer<M> announcer;
    private final Pause pause;
    private final Pause countPause;
    private final Optional<Grace> grace;

    /** Held for a step. No user code runs under it, and no event loop takes it. */
    final Object lock = new Object();

    /** The state for reads. Steps replace it; the end of an owner is added to it without the lock. */
    private final AtomicReference<PublishedState<M>> snapshot;

    /** Whether there is a thread that removes the owners that have ended. */
    private final AtomicBoolean removing = new AtomicBoolean();

    /** Publishers that are due and have no thread. Added under the lock, started without it. */
    private final Queue<PacedPublisher<M>> starting = new ConcurrentLinkedQueue<>();

    /** Added under the lock, and removed without it. */
    private final TopicFollowers<Follower> followers = new TopicFollowers<>();

    /** Likewise. */
    private final TopicFollowers<CountFollower> countFollowers = new TopicFollowers<>();

    // All of what follows is guarded by the lock, which the check of @GuardedBy does not follow into a step.

    private State<M> state;

    /** The snapshot whose ends are in the state; ends that were added to it since then are not. */
    private PublishedState<M> published;

    /** The last version of this node whose changes were published to other nodes. */
    private long publishedVersion;

    /** Called after a step that changed the entries of this node, under the lock. */
    private Consumer<Shard<M>> changeListener = _ -> {};

    private final Map<String, TopicAnnouncer<M>> announcers = new HashMap<>();
    private final Map<String, CountAnnouncer<M>> countAnnouncers = new HashMap<>();

    /** The version of the last count. */
    private long countVersion;

    private final Map<String, List<DiffSubscription<M>>> subscriptions = new HashMap<>();

    Shard(int number, ReplicaId replica, Announcer<M> announcer, Pause pause, Pause countPause, Optional<Grace> grace) {
        this.number = number;
        this.announcer = announcer;
        this.pause = pause;
        this.countPause = countPause;
        this.grace = grace;
        this.state = State.of(replica);
        this.published = PublishedState.of(state);
        this.snapshot = new AtomicReference<>(published);
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
        PublishedState<M> _ = snapshot.updateAndGet(current -> current.without(owner));
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
                    runStep(() -> {});
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
    private <T extends @Nullable Object> T step(Supplier<T> work) {
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

    private void runStep(Runnable work) {
        boolean _ = step(() -> {
            work.run();
            return true;
        });
    }

    /** Applies an operation of the state. */
    void change(Function<State<M>, Transition<M>> operation) {
        runStep(() -> apply(operation.apply(state)));
    }

    /** Removes the owners that have ended, with all their presences, in one transition. Under the lock. */
    private void settle() {
        PublishedState<M> current = snapshot.get();
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
    private void apply(Transition<M> transition) {
        publish(transition.state());
        Map<String, List<Entry<M>>> joins = byTopic(transition.changes().joins());
        Map<String, List<Entry<M>>> leaves = byTopic(transition.changes().leaves());
        Set<String> topics = new LinkedHashSet<>(joins.keySet());
        topics.addAll(leaves.keySet());
        for (String topic : topics) {
            Changes<M> changes =
                    new Changes<>(joins.getOrDefault(topic, List.of()), leaves.getOrDefault(topic, List.of()));
            subscriptions.getOrDefault(topic, List.of()).forEach(subscription -> add(subscription, changes));
            add(announcer(topic), changes);
            if (countFollowers.has(topic)) {
                add(countAnnouncers.computeIfAbsent(topic, name -> new CountAnnouncer<>(this, name)), changes);
            }
        }
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
        PublishedState<M> before = published;
        PublishedState<M> after = PublishedState.of(next);
        state = next;
        published = after;
        snapshot.updateAndGet(current -> after.without(current.endedSince(before)));
    }

    private void add(PacedPublisher<M> publisher, Changes<M> changes) {
        publisher.add(changes);
        startIfDue(publisher);
    }

    /** Starts the thread of a publisher after this step, if something is due. Under the lock. */
    private void startIfDue(PacedPublisher<M> publisher) {
        if (publisher.starts()) {
            starting.add(publisher);
        }
    }

    private static <M> Map<String, List<Entry<M>>> byTopic(List<Entry<M>> entries) {
        return entries.stream().collect(Collectors.groupingBy(Entry::topic, LinkedHashMap::new, Collectors.toList()));
    }

    // Presences of this node.

    /** Adds a presence, and requests the state for its client if it has not got it. Nothing happens if the owner has ended. */
    void track(OwnerRegistration owner, String topic, String key, M meta) {
        boolean ownTopic = topic.equals(owner.owner().topic());
        long cost = owner.cost(key, meta);
        runStep(() -> {
            announcer.checkOpen();
            if (owner.hasEnded()) {
                return;
            }
            if (state.find(owner.number(), topic, key).isPresent()) {
                throw new IllegalStateException("The owner is present on '" + ControlCharacters.escaped(topic)
                        + "' under '" + ControlCharacters.escaped(key) + "' already; use update to change its meta.");
            }
            owner.add(cost);
            Transition<M> transition = state.add(topic, key, owner.number(), meta);
            if (ownTopic && owner.owner() instanceof StateRecipient recipient && owner.firstState()) {
                announcer(topic).requestState(state -> recipient.receiveState(OWN_STATE, state));
            }
            apply(transition);
        });
    }

    /** Requests the state of a topic for a client. Nothing happens if its owner has ended. */
    void follow(OwnerRegistration owner, String topic, StateRecipient recipient) {
        runStep(() -> {
            if (!announcer.isClosed() && !owner.hasEnded()) {
                boolean _ = owner.firstState();
                TopicAnnouncer<M> topicAnnouncer = announcer(topic);
                topicAnnouncer.requestState(state -> recipient.receiveState(OWN_STATE, state));
                startIfDue(topicAnnouncer);
            }
        });
    }

    /** The followers of the presences of topics. */
    TopicFollowers<Follower> followers() {
        return followers;
    }

    /** The followers of the counts of topics. */
    TopicFollowers<CountFollower> countFollowers() {
        return countFollowers;
    }

    /** Adds a follower, and requests the state for it. Nothing happens if its owner has ended. */
    void follow(Follower follower) {
        runStep(() -> {
            if (!announcer.isClosed() && followers.add(follower)) {
                TopicAnnouncer<M> topicAnnouncer = announcer(follower.topic());
                topicAnnouncer.requestState(follower::receiveState);
                startIfDue(topicAnnouncer);
            }
        });
    }

    /** Adds a follower, and sends it the count. Nothing happens if its owner has ended. Blocks as a push does. */
    void followCount(CountFollower follower) {
        Optional<Count> count = step(() -> announcer.isClosed() || !countFollowers.add(follower)
                ? Optional.empty()
                : Optional.of(new Count(
                        nextCountVersion(), state.topic(follower.topic()).keys())));
        count.ifPresent(follower::receive);
    }

    /** A version for a count of the present state. Under the lock. */
    long nextCountVersion() {
        return ++countVersion;
    }

    /** The presence of an owner under a topic and key. */
    Optional<Entry<M>> find(OwnerRegistration owner, String topic, String key) {
        return step(() -> present(owner, topic, key));
    }

    /** Under the lock. */
    private Optional<Entry<M>> present(OwnerRegistration owner, String topic, String key) {
        return owner.hasEnded() ? Optional.empty() : state.find(owner.number(), topic, key);
    }

    /** Replaces the meta of a presence; false if the presence has changed. */
    boolean replace(OwnerRegistration owner, Entry<M> old, M meta) {
        long more = owner.cost(old.key(), meta) - owner.cost(old.key(), old.meta());
        return step(() -> {
            boolean unchanged = present(owner, old.topic(), old.key()).equals(Optional.of(old));
            if (unchanged) {
                owner.reserve(more);
                apply(state.replace(old, meta));
            }
            return unchanged;
        });
    }

    /** Removes a presence; false if the owner is not present. */
    boolean untrack(OwnerRegistration owner, String topic, String key) {
        return remove(owner, () -> present(owner, topic, key).stream().toList());
    }

    /** Removes the presences of an owner. */
    void untrackAll(OwnerRegistration owner) {
        boolean _ = remove(owner, () -> state.owned(owner.number()));
    }

    private boolean remove(OwnerRegistration owner, Supplier<List<Entry<M>>> entries) {
        List<Entry<M>> removed = step(() -> {
            List<Entry<M>> all = entries.get();
            apply(state.remove(all));
            return all;
        });
        owner.remove(removed);
        return !removed.isEmpty();
    }

    // Publishers.

    /** The announcer of a topic, which is made if there is none. Under the lock. */
    private TopicAnnouncer<M> announcer(String topic) {
        return announcers.computeIfAbsent(topic, name -> new TopicAnnouncer<>(this, name, announcer));
    }

    /** Under the lock. */
    void remove(TopicAnnouncer<M> quiet) {
        announcers.remove(quiet.topic, quiet);
    }

    /** Under the lock. */
    void remove(CountAnnouncer<M> quiet) {
        boolean _ = countAnnouncers.remove(quiet.topic, quiet);
    }

    /** The number of topics whose clients got a diff within the last window. */
    int announcers() {
        return step(announcers::size);
    }

    /** The number of topics whose followers got a count within the last window. */
    int countAnnouncers() {
        return step(countAnnouncers::size);
    }

    void add(DiffSubscription<M> subscription) {
        runStep(() -> {
            announcer.checkOpen();
            subscriptions
                    .computeIfAbsent(subscription.topic, name -> new ArrayList<>(1))
                    .add(subscription);
            startIfDue(subscription);
        });
    }

    void remove(DiffSubscription<M> subscription) {
        runStep(() -> subscriptions.computeIfPresent(subscription.topic, (topic, all) -> {
            all.remove(subscription);
            return all.isEmpty() ? null : all;
        }));
    }

    /** The next round of a publisher; null if nothing is due. */
    PacedPublisher.@Nullable Round<M> take(PacedPublisher<M> publisher) {
        return step(() -> publisher.take(state));
    }

    /** The log about publishers that fail. */
    FailureLog failures() {
        return announcer.failures;
    }

    /** Blocks until the window is over. */
    void pause() {
        pause.pass();
    }

    /** Blocks until the window of a count is over. */
    void pauseCount() {
        countPause.pass();
    }

    void close() {
        runStep(() -> {
            subscriptions.values().forEach(all -> all.forEach(DiffSubscription::cancel));
            subscriptions.clear();
            followers.clear();
            countFollowers.clear();
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
        runStep(() -> {
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
                    .filter(delta -> delta.added().size() + delta.removed().size() <= MAX_DELTA_CHANGES)
                    .orElseGet(
                            () -> new Delta<>(state.self(), publishedVersion, publishedVersion, List.of(), List.of())));
        });
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
}
