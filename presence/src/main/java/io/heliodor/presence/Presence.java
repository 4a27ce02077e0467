package io.heliodor.presence;

import io.heliodor.presence.announce.Announcement;
import io.heliodor.presence.announce.Audience;
import io.heliodor.presence.announce.Present;
import io.heliodor.presence.crdt.Changes;
import io.heliodor.presence.crdt.Entry;
import io.heliodor.presence.crdt.ReplicaId;
import io.heliodor.presence.crdt.State;
import io.heliodor.presence.crdt.Step;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Type;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
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
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is present on which topic, and what is said about them.
 *
 * {@snippet lang="java" :
 * Presence<Online> presence = Presence.over(pubsub, Online.class);
 *
 * Channel.join((Join<User> join) -> Join.ok(join.socket().assigns()))
 *         .onJoined(room -> presence.track(room, room.assigns().id(), new Online("web")))
 *         .build();
 *
 * presence.list("room:lobby");
 * }
 *
 * <p><b>Life.</b> A presence belongs to an owner, a joined channel or an {@link Owner}, and goes when its owner ends,
 * however that happens. One owner may be present under several keys and on several topics, and many owners under one key:
 * the tabs of one user. At most {@value #MOST_OF_AN_OWNER} presences belong to one owner.
 *
 * <p><b>Clients</b> of endpoints over the same pub/sub are told in the way of Phoenix: an owner that is a channel gets
 * {@code presence_state} when it is first tracked on its own topic, and when it asks to {@link #follow}; every member of the
 * topic, tracked or not, gets {@code presence_diff} when somebody came or went. The first change of a quiet topic is told
 * at once; while changes go on, there is one diff every 75 ms. What came and went in between is not told. A diff that
 * follows a state holds what happened since, and may repeat what the state has; clients know it by {@code phx_ref}.
 *
 * <p><b>Reads</b> take no lock and see one moment. What {@code track}, {@code update} and {@code untrack} did is seen by
 * every read after they returned, and an owner that has ended by none.
 *
 * <p><b>Threads:</b> any thread may call every method. <b>Blocking:</b> reads and the end of an owner never wait. Other
 * methods wait for an internal lock, which is held for one change, or for the removal of all owners that ended together:
 * about a millisecond for a thousand.
 *
 * @param <M> what is said about somebody: an immutable value that Jackson writes as an object
 */
public final class Presence<M> implements AutoCloseable {
    /** How many presences one owner may have. */
    public static final int MOST_OF_AN_OWNER = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.presence");

    private static final Duration WINDOW = Duration.ofMillis(75);
    private static final Duration BATCH = Duration.ofMillis(5);
    private static final int MOST_KEY_BYTES = 1_000;
    private static final ThreadFactory THREADS =
            Thread.ofVirtual().name("heliodor-presence").factory();

    private final PubSub announcements;
    private final Optional<Enrichment<M>> enrichment;
    private final Pause pause;

    /** Held for a step. No user code runs under it, and no event loop takes it. */
    final Object lock = new Object();

    /** The state for reads. Steps replace it; the end of an owner is added to it without the lock. */
    private final AtomicReference<Snapshot<M>> snapshot;

    /** Whether there is a thread that removes the owners that have ended. */
    private final AtomicBoolean removing = new AtomicBoolean();

    /** Speakers without a thread that have something to tell. Added under the lock, started without it. */
    private final Queue<Speaker<M>> starting = new ConcurrentLinkedQueue<>();

    private volatile boolean closed;

    /** All of what follows is guarded by the lock. */
    private State<M> state;

    /** The snapshot whose ends are in the state; those that were added since are not. */
    private Snapshot<M> published;

    private final IdentityHashMap<Tracked, Registration> owners = new IdentityHashMap<>();
    private final Map<String, Voice<M>> voices = new HashMap<>();
    private final Map<String, List<Follower<M>>> followers = new HashMap<>();
    private long lastOwner;

    Presence(PubSub pubsub, Optional<Enrichment<M>> enrichment, ReplicaId replica, Pause pause) {
        if (pubsub.spansNodes()) {
            throw new IllegalArgumentException("The pub/sub spans nodes, and presences are those of one node for now;"
                    + " give the PubSub.local() of the endpoint.");
        }
        this.announcements = Announcement.scope(pubsub);
        this.enrichment = enrichment;
        this.pause = pause;
        this.state = State.of(replica);
        this.published = Snapshot.of(state);
        this.snapshot = new AtomicReference<>(published);
    }

    /**
     * Presences that are told to the endpoints over a pub/sub.
     *
     * @param pubsub the endpoints' pub/sub; it stays open when this is closed
     * @param type what is said about somebody
     * @param <M> what is said about somebody
     * @return presences, none yet
     * @throws IllegalArgumentException if the pub/sub spans nodes: presences are those of one node for now
     */
    public static <M> Presence<M> over(PubSub pubsub, Class<M> type) {
        return over(pubsub, Type.of(type));
    }

    /**
     * The same with a generic type.
     *
     * @param pubsub the endpoints' pub/sub; it stays open when this is closed
     * @param type what is said about somebody
     * @param <M> what is said about somebody
     * @return presences, none yet
     * @throws IllegalArgumentException if the pub/sub spans nodes: presences are those of one node for now
     */
    public static <M> Presence<M> over(PubSub pubsub, Type<M> type) {
        return new Presence<>(pubsub, Optional.empty(), replica(), Presence::window);
    }

    /**
     * The same, with something added to what clients are told.
     *
     * @param pubsub the endpoints' pub/sub; it stays open when this is closed
     * @param type what is said about somebody
     * @param enrichment adds to it
     * @param <M> what is said about somebody
     * @return presences, none yet
     * @throws IllegalArgumentException if the pub/sub spans nodes: presences are those of one node for now
     */
    public static <M> Presence<M> over(PubSub pubsub, Class<M> type, Enrichment<M> enrichment) {
        return new Presence<>(pubsub, Optional.of(enrichment), replica(), Presence::window);
    }

    /** Later lives of a name have greater numbers, by the clock of the wall; the last bits tell lives of one moment apart. */
    private static ReplicaId replica() {
        long moment = System.currentTimeMillis() << 20;
        return new ReplicaId("local", moment | new SecureRandom().nextInt(1 << 20));
    }

    /** Lasts its time, whatever wakes the thread. */
    static void window() {
        long end = System.nanoTime() + WINDOW.toNanos();
        for (long left = WINDOW.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
            // An interrupted thread is not parked.
            Thread.interrupted();
        }
    }

    /**
     * Makes an owner present on its own topic. An owner that is a channel is sent the state of the topic, unless it was sent
     * before: after an earlier {@code track}, or a {@link #follow}.
     *
     * @param owner whose end ends it; one that has ended is not tracked
     * @param key who is present, as clients see it: the id of a user. At most 1 000 bytes of UTF-8
     * @param meta what is said about them
     * @throws IllegalStateException if the owner is present there under this key, has too many presences, its client's
     *     presences take too much memory (see {@code Limits.connectionBytes}), or this is closed
     * @throws IllegalArgumentException if the key is too long
     */
    public void track(Tracked owner, String key, M meta) {
        track(owner, owner.topic(), key, meta, true);
    }

    /**
     * Makes an owner present on another topic than its own. It is told nothing.
     *
     * @param owner whose end ends it; one that has ended is not tracked
     * @param topic where
     * @param key who is present, as clients see it: the id of a user. At most 1 000 bytes of UTF-8
     * @param meta what is said about them
     * @throws IllegalStateException if the owner is present there under this key, has too many presences, its client's
     *     presences take too much memory (see {@code Limits.connectionBytes}), or this is closed
     * @throws IllegalArgumentException if the key is too long
     */
    public void track(Tracked owner, String topic, String key, M meta) {
        track(owner, topic, key, meta, topic.equals(owner.topic()));
    }

    private void track(Tracked owner, String topic, String key, M meta, boolean tell) {
        checkKey(key);
        checkOpen();
        // Before it is present, so that no read sees an owner that has ended; its end may be reported at once.
        Registration registration = register(owner);
        registration.watch(this::ended);
        long cost = cost(owner, key, meta);
        change(() -> {
            checkOpen();
            if (owners.get(owner) != registration) {
                return; // it has ended
            }
            checkTrack(registration.number(), topic, key);
            registration.hold(cost);
            Step<M> step = state.add(topic, key, registration.number(), meta);
            if (tell && owner instanceof Audience audience && registration.firstState()) {
                voice(topic).ask(audience);
            }
            apply(step);
        });
    }

    /** Registers an owner, unless it is registered. */
    private Registration register(Tracked owner) {
        return step(() -> owners.computeIfAbsent(owner, added -> new Registration(added, ++lastOwner)));
    }

    private void checkTrack(long number, String topic, String key) {
        if (state.find(number, topic, key).isPresent()) {
            throw new IllegalStateException("The owner is present on '" + topic + "' under '" + key
                    + "' already; use update to say something else about it.");
        }
        if (state.sizeOf(number) >= MOST_OF_AN_OWNER) {
            throw new IllegalStateException(
                    "The owner has " + MOST_OF_AN_OWNER + " presences; untrack some, or use several owners.");
        }
    }

    private static void checkKey(String key) {
        if (key.length() > MOST_KEY_BYTES
                || (key.length() > MOST_KEY_BYTES / 3
                        && key.getBytes(StandardCharsets.UTF_8).length > MOST_KEY_BYTES)) {
            throw new IllegalArgumentException("A key of " + key.length() + " characters is too long; it may have "
                    + MOST_KEY_BYTES + " bytes of UTF-8: '" + key.substring(0, 40) + "...'");
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("The presence is closed; nobody can be tracked any more.");
        }
    }

    /**
     * Notes the end of an owner. Event loops call it, so it takes no lock. No read that begins after it returned sees the
     * owner; the next step removes what the owner has, and a thread makes that step.
     */
    private void ended(Registration owner) {
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
            for (Speaker<M> next = starting.poll(); next != null; next = starting.poll()) {
                THREADS.newThread(next).start();
            }
        }
    }

    private void change(Runnable change) {
        boolean _ = step(() -> {
            change.run();
            return true;
        });
    }

    /** Under the lock: removes the owners that have ended, with all that they have, in one delta. */
    private void settle() {
        Snapshot<M> current = snapshot.get();
        List<Registration> ended = current.endedSince(published);
        if (ended.isEmpty()) {
            return;
        }
        // An owner that its handler tracks after this is registered again, and ends before it is present.
        ended.forEach(each -> {
            if (owners.remove(each.owner(), each)) {
                each.releaseAll();
            }
        });
        Step<M> step =
                state.removeOwners(ended.stream().map(Registration::number).toList());
        published = current;
        apply(step);
    }

    /** Under the lock. The owners that ended during this step stay ended. */
    private void publish(State<M> next) {
        Snapshot<M> before = published;
        Snapshot<M> after = Snapshot.of(next);
        state = next;
        published = after;
        snapshot.updateAndGet(current -> after.without(current.endedSince(before)));
    }

    /**
     * Says something else about a presence on the owner's own topic.
     *
     * @param owner whose presence
     * @param key under which key
     * @param change from what is said now to what is said from now on; may be called more than once when another change
     *     comes in between
     * @return false if the owner is not present there under this key; nothing happened then
     * @throws IllegalStateException if its client's presences take too much memory then; nothing is changed
     */
    public boolean update(Tracked owner, String key, UnaryOperator<M> change) {
        return update(owner, owner.topic(), key, change);
    }

    /**
     * Says something else about a presence.
     *
     * @param owner whose presence
     * @param topic on which topic
     * @param key under which key
     * @param change from what is said now to what is said from now on; may be called more than once when another change
     *     comes in between
     * @return false if the owner is not present there under this key; nothing happened then
     * @throws IllegalStateException if its client's presences take too much memory then; nothing is changed
     */
    public boolean update(Tracked owner, String topic, String key, UnaryOperator<M> change) {
        while (true) {
            Optional<Entry<M>> old = step(() -> find(owner, topic, key));
            if (old.isEmpty()) {
                return false;
            }
            M next = change.apply(old.get().meta());
            long more = cost(owner, key, next) - cost(owner, key, old.get().meta());
            boolean updated = step(() -> {
                boolean unchanged = find(owner, topic, key).equals(old);
                if (unchanged) {
                    hold(owner, more);
                    apply(state.replace(old.get(), next));
                }
                return unchanged;
            });
            if (updated) {
                return true;
            }
        }
    }

    /** Under the lock. */
    private Optional<Entry<M>> find(Tracked owner, String topic, String key) {
        Registration registration = owners.get(owner);
        return registration == null ? Optional.empty() : state.find(registration.number(), topic, key);
    }

    /**
     * Ends a presence on the owner's own topic.
     *
     * @param owner whose presence
     * @param key under which key
     * @return false if the owner was not present there under this key
     */
    public boolean untrack(Tracked owner, String key) {
        return untrack(owner, owner.topic(), key);
    }

    /**
     * Ends a presence.
     *
     * @param owner whose presence
     * @param topic on which topic
     * @param key under which key
     * @return false if the owner was not present there under this key
     */
    public boolean untrack(Tracked owner, String topic, String key) {
        Optional<Entry<M>> removed = step(() -> {
            Optional<Entry<M>> entry = find(owner, topic, key);
            entry.ifPresent(present -> apply(state.remove(List.of(present))));
            return entry;
        });
        removed.ifPresent(entry -> {
            long cost = cost(owner, key, entry.meta());
            change(() -> hold(owner, -cost));
        });
        return removed.isPresent();
    }

    private static long cost(Tracked owner, String key, Object meta) {
        return owner instanceof Audience audience ? audience.cost(key, meta) : 0;
    }

    /** Under the lock. An owner that has ended holds nothing any more. */
    private void hold(Tracked owner, long more) {
        Registration registration = owners.get(owner);
        if (registration != null) {
            registration.hold(more);
        }
    }

    /**
     * Ends every presence of an owner, on all topics.
     *
     * @param owner whose presences
     */
    public void untrackAll(Tracked owner) {
        change(() -> {
            Registration registration = owners.get(owner);
            if (registration != null) {
                apply(state.removeOwner(registration.number()));
                registration.releaseAll();
            }
        });
    }

    /**
     * Tells a channel the state of its topic without making it present.
     *
     * @param owner a joined channel; for any other owner nothing happens
     */
    public void follow(Tracked owner) {
        if (closed || !(owner instanceof Audience audience)) {
            return;
        }
        Registration registration = register(owner);
        registration.watch(this::ended);
        change(() -> {
            if (!closed && owners.get(owner) == registration) {
                boolean _ = registration.firstState();
                Voice<M> voice = voice(owner.topic());
                voice.ask(audience);
                startIfDue(voice);
            }
        });
    }

    /** Under the lock: publishes what a step comes to, and has it told. */
    private void apply(Step<M> step) {
        publish(step.state());
        byTopic(step.changes()).forEach((topic, changes) -> {
            followers.getOrDefault(topic, List.of()).forEach(follower -> gather(follower, changes));
            gather(voice(topic), changes);
        });
    }

    private void gather(Speaker<M> speaker, Changes<M> changes) {
        speaker.gather(changes);
        startIfDue(speaker);
    }

    private void startIfDue(Speaker<M> speaker) {
        if (speaker.starts()) {
            starting.add(speaker);
        }
    }

    private static <M> Map<String, Changes<M>> byTopic(Changes<M> changes) {
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
    private Voice<M> voice(String topic) {
        return voices.computeIfAbsent(topic, name -> new Voice<>(this, name));
    }

    /**
     * Everybody who is present on a topic. Costs as much as it returns.
     *
     * @param topic the topic
     * @return by key what is said about them, oldest first; a copy of this moment
     */
    public Map<String, List<M>> list(String topic) {
        return Follower.byKey(visible().topic(topic));
    }

    /**
     * Who is present on a topic under a key.
     *
     * @param topic the topic
     * @param key the key
     * @return what is said about them, oldest first; empty if nobody is
     */
    public List<M> get(String topic, String key) {
        return visible().topic(topic).get(key).stream().map(Entry::meta).toList();
    }

    /**
     * How many keys are present on a topic.
     *
     * @param topic the topic
     * @return 0 or more
     */
    public int count(String topic) {
        return visible().topic(topic).keys();
    }

    /** Without a lock: the state of the last step, without the owners that have ended since. */
    private State<M> visible() {
        return snapshot.get().visible();
    }

    /**
     * How many are present on all topics: each meta of each key on each topic. Costs nothing.
     *
     * @return 0 or more
     */
    public int size() {
        return visible().size();
    }

    /**
     * Follows a topic on the server side: first everybody who is present, as joins, then what changes. The first call
     * comes also when nobody is there. A subscriber that takes its time gets fewer and larger diffs.
     *
     * <p><b>Threads:</b> a virtual thread of this subscription, one call at a time. <b>Blocking:</b> allowed. An exception
     * is logged, and the subscription lives on.
     *
     * @param topic the topic
     * @param subscriber called with each diff
     * @return the subscription
     * @throws IllegalStateException if this is closed
     */
    public Following subscribe(String topic, Consumer<? super Diff<M>> subscriber) {
        Follower<M> follower = new Follower<>(this, topic, subscriber);
        change(() -> {
            checkOpen();
            followers.computeIfAbsent(topic, name -> new ArrayList<>(1)).add(follower);
            startIfDue(follower);
        });
        return () -> unfollow(follower);
    }

    private void unfollow(Follower<M> follower) {
        follower.close();
        change(() -> followers.computeIfPresent(follower.topic, (topic, all) -> {
            all.remove(follower);
            return all.isEmpty() ? null : all;
        }));
    }

    /** Tells nobody anything any more, and lets nobody be tracked. Reads answer as before. Closing again does nothing. */
    @Override
    public void close() {
        change(() -> {
            closed = true;
            followers.values().forEach(all -> all.forEach(Follower::close));
            followers.clear();
        });
    }

    // For the speakers.

    /** Under the lock. */
    State<M> state() {
        return state;
    }

    void pause() {
        pause.pass();
    }

    /** Topics whose clients were told something within the last window. */
    int speakers() {
        return step(voices::size);
    }

    int owners() {
        return step(owners::size);
    }

    /** Under the lock: a voice has nothing to tell any more. */
    void quiet(Voice<M> voice) {
        voices.remove(voice.topic, voice);
    }

    void announce(Announcement diff) {
        if (closed) {
            return;
        }
        try {
            announcements.broadcastLocally(Announcement.DIFFS, diff);
        } catch (IllegalStateException e) {
            // Whoever listened went with it: the last leaves of a server that ends are nobody's news.
            LOG.debug("What happened on {} was told to nobody: the pub/sub is closed.", diff.topic(), e);
        }
    }

    /** What clients are told beside the presences. Without a lock; may block. */
    Map<String, ?> additions(String topic, Map<String, List<Present>> some, Map<String, List<Present>> others) {
        if (enrichment.isEmpty()) {
            return Map.of();
        }
        Map<String, List<M>> all = new LinkedHashMap<>();
        gather(all, some);
        gather(all, others);
        try {
            Map<String, ?> additions = enrichment.get().enrich(topic, all);
            return additions == null ? Map.of() : additions;
        } catch (Throwable e) {
            LOG.error("The enrichment of {} failed; clients are told without it.", topic, e);
            return Map.of();
        } finally {
            // An interrupted publisher would not wait for a lane that is full.
            Thread.interrupted();
        }
    }

    @SuppressWarnings("unchecked") // these are the metas of this presence
    private void gather(Map<String, List<M>> all, Map<String, List<Present>> some) {
        some.forEach((key, presents) -> {
            List<M> metas = all.computeIfAbsent(key, name -> new ArrayList<>(1));
            presents.forEach(present -> metas.add((M) present.meta()));
        });
    }
}
