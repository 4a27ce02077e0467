package io.heliodor.presence;

import io.heliodor.presence.announce.Announcement;
import io.heliodor.presence.announce.PresenceMeta;
import io.heliodor.presence.announce.StateRecipient;
import io.heliodor.presence.crdt.Entry;
import io.heliodor.presence.crdt.ReplicaId;
import io.heliodor.presence.crdt.State;
import io.heliodor.presence.crdt.Transition;
import io.heliodor.pubsub.MessageFormat;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import io.heliodor.type.Type;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is present on which topic, and what is said about them.
 *
 * {@snippet lang="java" :
 * Presence<Online> presence = Presence.over(pubsub, Online.class);
 *
 * Channel.of(User.class).join(join -> Join.ok(join.socket().assigns()))
 *         .onJoined(room -> presence.track(room, room.assigns().id(), new Online("web")))
 *         .build();
 *
 * presence.list("room:lobby");
 * }
 *
 * <p><b>Life.</b> A presence belongs to an owner, a joined channel or an {@link Owner}, and goes when its owner ends,
 * however that happens. One owner may be present under several keys and on several topics, and many owners under one key:
 * the tabs of one user. At most {@value #MAX_PER_OWNER} presences belong to one owner.
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
    public static final int MAX_PER_OWNER = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.presence");

    private static final Duration WINDOW = Duration.ofMillis(75);
    private static final int MOST_KEY_BYTES = 1_000;

    private final PubSub announcements;
    private final PubSub pubsub;
    private final Optional<Enrichment<M>> enrichment;
    private final Pause pause;
    private final long salt;
    private final List<Shard<M>> shards;
    private final Optional<Replication<M>> replication;
    private final Optional<Grace> grace;

    /** Those who own presences, by identity. */
    private final ConcurrentHashMap<Identity, OwnerRegistration> owners = new ConcurrentHashMap<>();

    private final AtomicLong lastOwner = new AtomicLong();
    private volatile boolean closed;

    /** Two owners are the same if they are the same object. */
    private record Identity(PresenceOwner owner) {
        @Override
        @SuppressWarnings("ReferenceEquality") // that is the meaning
        public boolean equals(@Nullable Object other) {
            return other instanceof Identity(PresenceOwner theirs) && theirs == owner;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(owner);
        }
    }

    /** Its events would reach none of the clients of an endpoint over another pub/sub. */
    private void checkPubSub(PresenceOwner owner) {
        owner.pubsub().filter(other -> !other.equals(pubsub)).ifPresent(_ -> {
            throw new IllegalArgumentException("This presence is over another pub/sub than the endpoint of channel '"
                    + owner.topic() + "', so no client would see it; give both the same: Presence.over(pubsub, ...) and"
                    + " Endpoint.builder().pubsub(pubsub).");
        });
    }

    Presence(
            PubSub pubsub,
            Type<M> type,
            Optional<MessageFormat<M>> format,
            Optional<Enrichment<M>> enrichment,
            String name,
            Pause pause,
            Optional<Pause> lingering,
            long maxLostBytes) {
        this.pubsub = pubsub;
        this.announcements = Announcement.scope(pubsub);
        this.enrichment = enrichment;
        this.pause = pause;
        this.salt = salt(name);
        this.grace = lingering.map(time -> new Grace(time, new LostOwners(), maxLostBytes));
        NodeId self = Nodes.of(pubsub).self();
        ReplicaId replica = new ReplicaId(self.name(), self.incarnation());
        this.shards = IntStream.range(0, Shard.COUNT)
                .mapToObj(number -> new Shard<>(number, this, replica))
                .toList();
        this.replication = pubsub.spansNodes()
                ? Optional.of(new Replication<>(
                        name,
                        announcements,
                        shards,
                        replica,
                        format.orElseGet(() -> Nodes.of(pubsub).format(type))))
                : Optional.empty();
    }

    /** A number for a name: other names have others, as far as chance goes. */
    private static long salt(String name) {
        long hash = 0xcbf29ce484222325L; // FNV-1a, by Fowler, Noll and Vo
        for (byte each : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (each & 0xff)) * 0x100000001b3L;
        }
        return hash >>> 1;
    }

    /**
     * Presences for the endpoints over a pub/sub, under the name of the type.
     *
     * @param pubsub the endpoints' pub/sub; it stays open when this is closed
     * @param type what is said about somebody
     * @param <M> what is said about somebody
     * @return presences
     * @throws IllegalArgumentException if the pub/sub spans nodes, and such values cannot go to them
     * @throws IllegalStateException if the pub/sub spans nodes, and this node has a presence of this name
     */
    public static <M> Presence<M> over(PubSub pubsub, Class<M> type) {
        return builder(pubsub, type).build();
    }

    /**
     * The same with a generic type.
     *
     * @param pubsub the endpoints' pub/sub; it stays open when this is closed
     * @param type what is said about somebody
     * @param <M> what is said about somebody
     * @return presences
     * @throws IllegalArgumentException if the pub/sub spans nodes, and such values cannot go to them
     * @throws IllegalStateException if the pub/sub spans nodes, and this node has a presence of this name
     */
    public static <M> Presence<M> over(PubSub pubsub, Type<M> type) {
        return builder(pubsub, type).build();
    }

    /**
     * The same, with something added to what clients are told.
     *
     * @param pubsub the endpoints' pub/sub; it stays open when this is closed
     * @param type what is said about somebody
     * @param enrichment adds to it
     * @param <M> what is said about somebody
     * @return presences
     * @throws IllegalArgumentException if the pub/sub spans nodes, and such values cannot go to them
     * @throws IllegalStateException if the pub/sub spans nodes, and this node has a presence of this name
     */
    public static <M> Presence<M> over(PubSub pubsub, Class<M> type, Enrichment<M> enrichment) {
        return builder(pubsub, type).enrichment(enrichment).build();
    }

    /**
     * To say what differs from the default.
     *
     * @param pubsub the endpoints' pub/sub; it stays open when the presence is closed
     * @param type what is said about somebody
     * @param <M> what is said about somebody
     * @return a builder
     */
    public static <M> Builder<M> builder(PubSub pubsub, Class<M> type) {
        return builder(pubsub, Type.of(type));
    }

    /**
     * The same with a generic type.
     *
     * @param pubsub the endpoints' pub/sub; it stays open when the presence is closed
     * @param type what is said about somebody
     * @param <M> what is said about somebody
     * @return a builder
     */
    public static <M> Builder<M> builder(PubSub pubsub, Type<M> type) {
        return new Builder<>(pubsub, type);
    }

    /**
     * Says what differs from the default. Not thread-safe.
     *
     * @param <M> what is said about somebody
     */
    public static final class Builder<M> {
        private static final int MAX_NAME_BYTES = 200;
        private static final Duration MAX_GRACE = Duration.ofMinutes(10);

        /** Of all presences whose connections were lost. */
        private static final long MAX_LOST_BYTES = Runtime.getRuntime().maxMemory() / 64;

        private final PubSub pubsub;
        private final Type<M> type;
        private Optional<Enrichment<M>> enrichment = Optional.empty();
        private Optional<MessageFormat<M>> format = Optional.empty();
        private String name;
        private Pause pause = () -> Pause.of(WINDOW);
        private Optional<Pause> grace = Optional.empty();
        private long maxLostBytes = MAX_LOST_BYTES;

        private Builder(PubSub pubsub, Type<M> type) {
            this.pubsub = pubsub;
            this.type = type;
            this.name = shortened(type.toString());
        }

        /** Types may have longer texts than names may be. */
        private static String shortened(String text) {
            return text.getBytes(StandardCharsets.UTF_8).length <= MAX_NAME_BYTES
                    ? text
                    : "type-" + Long.toString(salt(text), 36);
        }

        /**
         * The name, by which the nodes of a cluster know which presences are the same. A node has each name once.
         *
         * @param own 1 to 200 bytes of UTF-8 without control characters; by default that of the type
         * @return this
         * @throws IllegalArgumentException if it is too long
         */
        public Builder<M> name(String own) {
            if (own.isEmpty() || own.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
                throw new IllegalArgumentException(
                        "The name of a presence has 1 to " + MAX_NAME_BYTES + " bytes, unlike \"" + own + "\".");
            }
            this.name = own;
            return this;
        }

        /**
         * An enrichment of the states and diffs that clients get.
         *
         * @param added adds to it
         * @return this
         */
        public Builder<M> enrichment(Enrichment<M> added) {
            this.enrichment = Optional.of(added);
            return this;
        }

        /**
         * How metadata go to other nodes. By default the node carries them by its codec of their type, which refuses types that
         * do not name what they hold, such as {@code Map<String, Object>}.
         *
         * @param own the format, on all nodes
         * @return this
         */
        public Builder<M> format(MessageFormat<M> own) {
            this.format = Optional.of(own);
            return this;
        }

        /**
         * Lets presences stay for a while if their connection was lost: it broke without a close frame, or its heartbeats failed to
         * come. The client comes back in most cases, on this node or another one, and the others do not see it go and come. Its
         * presence under a key goes as soon as the key is tracked again on the topic, and at once if the key is there by another
         * owner. Connections that are closed, by either side, and channels that are left or fail have no grace. Nor have those of a
         * node that dies: they go with it.
         *
         * <p>A client that is really gone is seen for so much longer. All lost presences may take a 64th of the heap; beyond that
         * they go at once, which {@link Presence#lost} counts.
         *
         * @param time more than 0, at most 10 minutes; off by default. It is measured on the clock of the machine
         * @return this
         * @throws IllegalArgumentException if the time is 0 or less, or longer than 10 minutes
         */
        public Builder<M> grace(Duration time) {
            if (!time.isPositive() || time.compareTo(MAX_GRACE) > 0) {
                throw new IllegalArgumentException(
                        "The grace of a presence is more than 0 and at most 10 minutes, not " + time + ".");
            }
            return grace(() -> Pause.of(time), MAX_LOST_BYTES);
        }

        /** For tests. */
        Builder<M> grace(Pause time, long maxBytes) {
            this.grace = Optional.of(time);
            this.maxLostBytes = maxBytes;
            return this;
        }

        /** For tests. */
        Builder<M> pause(Pause windows) {
            this.pause = windows;
            return this;
        }

        /**
         * The presences.
         *
         * @return those of all nodes, as soon as they are known
         * @throws IllegalArgumentException if the pub/sub spans nodes, and the values cannot go to them
         * @throws IllegalStateException if the pub/sub spans nodes, and this node has a presence of this name
         */
        public Presence<M> build() {
            return new Presence<>(pubsub, type, format, enrichment, name, pause, grace, maxLostBytes);
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
     *     presences take too much memory (see {@code MemoryLimits.maxConnectionBytes}), or this is closed
     * @throws IllegalArgumentException if the key is too long
     */
    public void track(PresenceOwner owner, String key, M meta) {
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
     *     presences take too much memory (see {@code MemoryLimits.maxConnectionBytes}), or this is closed
     * @throws IllegalArgumentException if the key is too long
     */
    public void track(PresenceOwner owner, String topic, String key, M meta) {
        track(owner, topic, key, meta, topic.equals(owner.topic()));
    }

    private void track(PresenceOwner owner, String topic, String key, M meta, boolean tell) {
        checkKey(key);
        checkPubSub(owner);
        checkOpen();
        replication.ifPresent(with -> with.check(meta));
        Shard<M> shard = shard(topic);
        // Before it is present, so that no read sees an owner that has ended; its end may be reported at once.
        OwnerRegistration registration = register(owner, shard);
        long cost = cost(owner, key, meta);
        shard.change(() -> {
            checkOpen();
            if (registration.hasEnded()) {
                return;
            }
            checkAbsent(shard, registration, topic, key);
            registration.add(cost);
            Transition<M> step = shard.state().add(topic, key, registration.number(), meta);
            if (tell && owner instanceof StateRecipient audience && registration.firstState()) {
                shard.voice(topic).ask(audience);
            }
            shard.apply(step);
        });
    }

    private Shard<M> shard(String topic) {
        return shards.get(Shard.of(topic));
    }

    /** Registers an owner, unless it is registered, and has its end reported to a shard. */
    private OwnerRegistration register(PresenceOwner owner, Shard<M> shard) {
        OwnerRegistration registration = owners.computeIfAbsent(
                new Identity(owner), unknown -> new OwnerRegistration(owner, lastOwner.incrementAndGet()));
        // First: an end that is reported from now on reaches the shard, and one that was is seen in its next step.
        registration.enter(shard.number());
        registration.watch(this::ended);
        return registration;
    }

    /** Called by event loops, too. */
    private void ended(OwnerRegistration owner) {
        boolean _ = owners.remove(new Identity(owner.owner()), owner);
        if (owner.isLost() && grace.isPresent() && grace.get().take(owner)) {
            return;
        }
        go(owner);
    }

    private void go(OwnerRegistration owner) {
        long entered = owner.shards();
        for (Shard<M> shard : shards) {
            if (shard.isIn(entered)) {
                shard.ended(owner);
            }
        }
    }

    /** Owners whose connections were lost. */
    private final class LostOwners implements Grace.Owners {
        @Override
        public void removeRepeated(Grace lost, OwnerRegistration owner) {
            long entered = owner.shards();
            for (Shard<M> shard : shards) {
                if (shard.isIn(entered)) {
                    shard.change(() -> shard.apply(shard.state().remove(lost.repeated(shard.state(), owner))));
                }
            }
        }

        @Override
        public void go(OwnerRegistration owner) {
            Presence.this.go(owner);
        }
    }

    private static <M> void checkAbsent(Shard<M> shard, OwnerRegistration registration, String topic, String key) {
        if (shard.state().find(registration.number(), topic, key).isPresent()) {
            throw new IllegalStateException("The owner is present on '" + topic + "' under '" + key
                    + "' already; use update to say something else about it.");
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
     * Says something else about a presence on the owner's own topic.
     *
     * @param owner whose presence
     * @param key under which key
     * @param change from what is said now to what is said from now on; may be called more than once when another change
     *     comes in between
     * @return false if the owner is not present there under this key; nothing happened then
     * @throws IllegalStateException if its client's presences take too much memory then; nothing is changed
     */
    public boolean update(PresenceOwner owner, String key, UnaryOperator<M> change) {
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
    public boolean update(PresenceOwner owner, String topic, String key, UnaryOperator<M> change) {
        Shard<M> shard = shard(topic);
        while (true) {
            Optional<Entry<M>> old = shard.step(() -> find(shard, owner, topic, key));
            if (old.isEmpty()) {
                return false;
            }
            M next = change.apply(old.get().meta());
            replication.ifPresent(with -> with.check(next));
            long more = cost(owner, key, next) - cost(owner, key, old.get().meta());
            boolean updated = shard.step(() -> {
                boolean unchanged = find(shard, owner, topic, key).equals(old);
                if (unchanged) {
                    registration(owner).ifPresent(registration -> registration.hold(more));
                    shard.apply(shard.state().replace(old.get(), next));
                }
                return unchanged;
            });
            if (updated) {
                return true;
            }
        }
    }

    /** In a step of the shard. */
    private Optional<Entry<M>> find(Shard<M> shard, PresenceOwner owner, String topic, String key) {
        return registration(owner).flatMap(registration -> shard.state().find(registration.number(), topic, key));
    }

    private Optional<OwnerRegistration> registration(PresenceOwner owner) {
        return Optional.ofNullable(owners.get(new Identity(owner)));
    }

    /**
     * Ends a presence on the owner's own topic.
     *
     * @param owner whose presence
     * @param key under which key
     * @return false if the owner was not present there under this key
     */
    public boolean untrack(PresenceOwner owner, String key) {
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
    public boolean untrack(PresenceOwner owner, String topic, String key) {
        Shard<M> shard = shard(topic);
        Optional<OwnerRegistration> registration = registration(owner);
        Optional<Entry<M>> removed = shard.step(() -> {
            Optional<Entry<M>> entry = find(shard, owner, topic, key);
            entry.ifPresent(present -> shard.apply(shard.state().remove(List.of(present))));
            return entry;
        });
        if (removed.isPresent() && registration.isPresent()) {
            registration.get().remove(1, cost(owner, key, removed.get().meta()));
        }
        return removed.isPresent();
    }

    private static long cost(PresenceOwner owner, String key, Object meta) {
        return owner instanceof StateRecipient audience ? audience.cost(key, meta) : 0;
    }

    /**
     * Ends every presence of an owner, on all topics.
     *
     * @param owner whose presences
     */
    public void untrackAll(PresenceOwner owner) {
        registration(owner).ifPresent(registration -> {
            long entered = registration.shards();
            for (Shard<M> shard : shards) {
                if (shard.isIn(entered)) {
                    List<Entry<M>> removed = shard.step(() -> {
                        List<Entry<M>> owned = shard.state().owned(registration.number());
                        shard.apply(shard.state().remove(owned));
                        return owned;
                    });
                    long cost = removed.stream()
                            .mapToLong(entry -> cost(owner, entry.key(), entry.meta()))
                            .sum();
                    registration.remove(removed.size(), cost);
                }
            }
        });
    }

    /**
     * Tells a channel the state of its topic without making it present.
     *
     * @param owner a joined channel; for any other owner nothing happens
     * @throws IllegalArgumentException if its endpoint is over another pub/sub
     */
    public void follow(PresenceOwner owner) {
        if (closed || !(owner instanceof StateRecipient audience)) {
            return;
        }
        checkPubSub(owner);
        Shard<M> shard = shard(owner.topic());
        OwnerRegistration registration = register(owner, shard);
        shard.change(() -> {
            if (!closed && !registration.hasEnded()) {
                boolean _ = registration.firstState();
                TopicAnnouncer<M> voice = shard.voice(owner.topic());
                voice.ask(audience);
                shard.asked(voice);
            }
        });
    }

    /**
     * Everybody who is present on a topic. Costs as much as it returns.
     *
     * @param topic the topic
     * @return by key what is said about them, oldest first; a copy of this moment
     */
    public Map<String, List<M>> list(String topic) {
        return DiffSubscription.byKey(shard(topic).visible().topic(topic));
    }

    /**
     * Who is present on a topic under a key.
     *
     * @param topic the topic
     * @param key the key
     * @return what is said about them, oldest first; empty if nobody is
     */
    public List<M> get(String topic, String key) {
        return shard(topic).visible().topic(topic).get(key).stream()
                .map(Entry::meta)
                .toList();
    }

    /**
     * How many keys are present on a topic.
     *
     * @param topic the topic
     * @return 0 or more
     */
    public int count(String topic) {
        return shard(topic).visible().topic(topic).keys();
    }

    /**
     * How many are present on all topics: each meta of each key on each topic. Costs little, however many they are.
     *
     * @return 0 or more
     */
    public int size() {
        return shards.stream().mapToInt(shard -> shard.visible().size()).sum();
    }

    /**
     * Follows a topic on the server side: first everybody who is present, as joins, then what changes. The first call
     * comes also when nobody is there. Each diff has everybody who is present after it. A subscriber that takes its time gets fewer
     * and larger diffs.
     *
     * <p><b>Threads:</b> a virtual thread of this subscription, one call at a time. <b>Blocking:</b> allowed. An exception
     * is logged, and the subscription lives on.
     *
     * @param topic the topic
     * @param subscriber called with each diff
     * @return the subscription
     * @throws IllegalStateException if this is closed
     */
    public Subscription subscribe(String topic, Consumer<? super Diff<M>> subscriber) {
        Shard<M> shard = shard(topic);
        DiffSubscription<M> follower = new DiffSubscription<>(this, shard, topic, subscriber);
        shard.change(() -> {
            checkOpen();
            shard.follow(follower);
        });
        return () -> shard.unfollow(follower);
    }

    /**
     * Ends all diffs, and {@code track}. Reads answer as before; over several nodes, what this node has is removed, here and on
     * the others. Closing again does nothing.
     */
    @Override
    public void close() {
        closed = true;
        replication.ifPresent(Replication::close);
        shards.forEach(Shard::close);
    }

    /**
     * Presences that stay by {@link Builder#grace} though their connections were lost.
     *
     * @return their numbers now
     */
    public Lost lost() {
        return grace.map(Grace::counts).orElse(new Lost(0, 0, 0));
    }

    /**
     * Presences whose connections were lost.
     *
     * @param owners how many owners stay
     * @param bytes the heap that they take
     * @param refused how many owners went at once, since there was no room
     */
    public record Lost(int owners, long bytes, long refused) {}

    // For the shards.

    /** In a step of the shard: the lost presences whose keys these have. */
    List<Entry<M>> returned(State<M> state, List<Entry<M>> joins) {
        return grace.map(with -> with.returned(state, joins)).orElse(List.of());
    }

    /** In a step of the shard: this node did something there. */
    void changed(Shard<M> shard) {
        replication.ifPresent(with -> with.changed(shard));
    }

    /** Tells the presences of one node apart, in the refs of their entries. */
    long salt() {
        return salt;
    }

    void pause() {
        pause.pass();
    }

    /** Topics whose clients got a diff within the last window. */
    int speakers() {
        return shards.stream().mapToInt(Shard::speakers).sum();
    }

    int owners() {
        return owners.size();
    }

    /** The lock of the shard of a topic. */
    Object lock(String topic) {
        return shard(topic).lock;
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
    Map<String, ?> additions(
            String topic, Map<String, List<PresenceMeta>> some, Map<String, List<PresenceMeta>> others) {
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
    private void gather(Map<String, List<M>> all, Map<String, List<PresenceMeta>> some) {
        some.forEach((key, presents) -> {
            List<M> metas = all.computeIfAbsent(key, name -> new ArrayList<>(1));
            presents.forEach(present -> metas.add((M) present.meta()));
        });
    }
}
