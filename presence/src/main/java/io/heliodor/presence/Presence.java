package io.heliodor.presence;

import io.heliodor.event.json.JsonWeight;
import io.heliodor.presence.announce.Announcement;
import io.heliodor.presence.announce.ReplicationMemory;
import io.heliodor.presence.announce.StateRecipient;
import io.heliodor.presence.crdt.Entry;
import io.heliodor.presence.crdt.ReplicaId;
import io.heliodor.pubsub.MessageFormat;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.type.Type;
import io.heliodor.type.text.ControlCharacters;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * The presences of all topics of a pub/sub: owners under keys, each with a meta.
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
 * <p><b>Owners.</b> A presence belongs to an owner, a joined channel or an {@link Owner}. It is removed when its owner ends, for
 * whatever reason. One owner may be present under several keys and on several topics. Several owners may be present under one
 * key: the tabs of one user. One owner has at most {@value #MAX_PER_OWNER} presences.
 *
 * <p><b>Clients</b> of endpoints over the same pub/sub receive the messages of Phoenix. An owner that is a channel gets
 * {@code presence_state} when it is first tracked on its own topic, or calls {@link #follow(PresenceOwner)}. Every member of the
 * topic, tracked or not, gets {@code presence_diff} when presences change. The first change of a quiet topic is sent at once; while
 * changes go on, there is one diff every 75 ms. Presences that were added and removed in between are left out. A diff that follows
 * a state may repeat presences of that state; clients recognise them by {@code phx_ref}. A channel may also follow other topics, or
 * their counts.
 *
 * <p><b>Reads</b> take no lock and see a consistent snapshot. Every read after the return of {@code track}, {@code update} or
 * {@code untrack} sees its effect, and no read sees an owner that has ended.
 *
 * <p><b>Threads:</b> any thread may call every method. <b>Blocking:</b> reads and the end of an owner never block. Other methods
 * wait for an internal lock. It is held for one change, or for the removal of all owners that ended together: about a millisecond
 * for a thousand.
 *
 * @param <M> the type of the metas: immutable values that Jackson writes as objects
 */
public final class Presence<M> implements AutoCloseable {
    /** The maximum number of presences of one owner, and of topics that one channel follows. */
    public static final int MAX_PER_OWNER = OwnerRegistration.MAX;

    private static final Duration WINDOW = Duration.ofMillis(75);
    private static final Duration COUNT_WINDOW = Duration.ofSeconds(1);

    /** The events of this name are those of a channel's own topic. */
    private static final String OWN_NAME = "presence";

    private static final int MAX_KEY_BYTES = 1_000;

    /** The maximum for the name of a presence, and for that of a followed topic. */
    private static final int MAX_NAME_BYTES = 200;

    private final PubSub pubsub;
    private final Optional<Subscription> registered;
    final Announcer<M> announcer;
    private final Optional<Grace> grace;
    private final List<Shard<M>> shards;
    private final OwnerRegistry<M> owners;
    private final Optional<Replication<M>> replication;
    private final Subscription memory;

    private Presence(Builder<M> builder) {
        this.pubsub = builder.pubsub;
        PubSub scope = Announcement.scope(pubsub);
        this.registered = pubsub.spansNodes() ? Optional.empty() : Optional.of(LocalName.take(scope, builder.name));
        this.announcer = new Announcer<>(scope, builder.name, builder.enrichment);
        this.grace = builder.grace.map(time -> new Grace(time, builder.maxLostBytes));
        NodeId self = ClusterPubSub.nodesOf(pubsub).self();
        ReplicaId replica = new ReplicaId(self.name(), self.incarnation());
        this.shards = IntStream.range(0, ShardIndex.COUNT)
                .mapToObj(number -> new Shard<>(number, replica, announcer, builder.pause, builder.countPause, grace))
                .toList();
        this.owners = new OwnerRegistry<>(shards, grace);
        this.replication = pubsub.spansNodes()
                ? Optional.of(new Replication<>(
                        builder.name,
                        scope,
                        shards,
                        replica,
                        builder.format.orElseGet(
                                () -> ClusterPubSub.nodesOf(pubsub).format(builder.type)),
                        JsonWeight.of(builder.type.type())))
                : Optional.empty();
        this.memory = ReplicationMemory.include(scope, this::replicationBytes);
    }

    /**
     * The presences of a pub/sub, named after the type of their metas.
     *
     * @param pubsub the endpoints' pub/sub; it stays open when this is closed
     * @param type the type of the metas
     * @param <M> the type of the metas
     * @return presences
     * @throws IllegalArgumentException if the pub/sub spans nodes, and values of the type cannot be sent to them
     * @throws IllegalStateException if the pub/sub has a presence of this name on this node
     */
    public static <M> Presence<M> over(PubSub pubsub, Class<M> type) {
        return builder(pubsub, type).build();
    }

    /**
     * The presences of a pub/sub, with metas of a generic type.
     *
     * @param pubsub the endpoints' pub/sub; it stays open when this is closed
     * @param type the type of the metas
     * @param <M> the type of the metas
     * @return presences
     * @throws IllegalArgumentException if the pub/sub spans nodes, and values of the type cannot be sent to them
     * @throws IllegalStateException if the pub/sub has a presence of this name on this node
     */
    public static <M> Presence<M> over(PubSub pubsub, Type<M> type) {
        return builder(pubsub, type).build();
    }

    /**
     * The presences of a pub/sub, with additions to the messages of clients.
     *
     * @param pubsub the endpoints' pub/sub; it stays open when this is closed
     * @param type the type of the metas
     * @param enrichment returns the additions
     * @param <M> the type of the metas
     * @return presences
     * @throws IllegalArgumentException if the pub/sub spans nodes, and values of the type cannot be sent to them
     * @throws IllegalStateException if the pub/sub has a presence of this name on this node
     */
    public static <M> Presence<M> over(PubSub pubsub, Class<M> type, Enrichment<M> enrichment) {
        return builder(pubsub, type).enrichment(enrichment).build();
    }

    /**
     * A builder with the defaults.
     *
     * @param pubsub the endpoints' pub/sub; it stays open when the presence is closed
     * @param type the type of the metas
     * @param <M> the type of the metas
     * @return a builder
     */
    public static <M> Builder<M> builder(PubSub pubsub, Class<M> type) {
        return builder(pubsub, Type.of(type));
    }

    /**
     * A builder with the defaults, for metas of a generic type.
     *
     * @param pubsub the endpoints' pub/sub; it stays open when the presence is closed
     * @param type the type of the metas
     * @param <M> the type of the metas
     * @return a builder
     */
    public static <M> Builder<M> builder(PubSub pubsub, Type<M> type) {
        return new Builder<>(pubsub, type);
    }

    /**
     * Builds a {@link Presence}. Not thread-safe.
     *
     * @param <M> the type of the metas
     */
    public static final class Builder<M> {
        private static final Duration MAX_GRACE = Duration.ofMinutes(10);

        /** The maximum for all presences whose connections were lost. */
        private static final long MAX_LOST_BYTES = Runtime.getRuntime().maxMemory() / 64;

        private final PubSub pubsub;
        private final Type<M> type;
        private Optional<Enrichment<M>> enrichment = Optional.empty();
        private Optional<MessageFormat<M>> format = Optional.empty();
        private String name;
        private Pause pause;
        private Pause countPause;
        private Optional<Grace.Time> grace = Optional.empty();
        private long maxLostBytes = MAX_LOST_BYTES;

        private Builder(PubSub pubsub, Type<M> type) {
            this.pubsub = Objects.requireNonNull(pubsub, "pubsub");
            this.type = Objects.requireNonNull(type, "type");
            this.pause = () -> pass(WINDOW);
            this.countPause = () -> pass(COUNT_WINDOW);
            MetaTypes.check(type);
            this.name = shortened(type.toString());
        }

        /** The name of a type, or a hash of it if that is too long. */
        private static String shortened(String text) {
            return text.getBytes(StandardCharsets.UTF_8).length <= MAX_NAME_BYTES
                    ? text
                    : "type-" + Long.toString(Announcer.hash(text), 36);
        }

        /**
         * Sets the name. Presences of one name on the nodes of a cluster are replicas of each other, and a node has each name once.
         *
         * @param own 1 to 200 bytes of UTF-8 without control characters; by default the name of the type
         * @return this
         * @throws IllegalArgumentException if it is empty or too long
         */
        public Builder<M> name(String own) {
            Objects.requireNonNull(own, "own");
            if (own.isEmpty() || own.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
                throw new IllegalArgumentException(
                        "The name of a presence has 1 to " + MAX_NAME_BYTES + " bytes, unlike \"" + own + "\".");
            }
            this.name = own;
            return this;
        }

        /**
         * Sets the enrichment of the states and diffs that clients get.
         *
         * @param added returns the additions
         * @return this
         */
        public Builder<M> enrichment(Enrichment<M> added) {
            this.enrichment = Optional.of(Objects.requireNonNull(added, "added"));
            return this;
        }

        /**
         * Sets the format in which metas are sent to other nodes. The default is the node's codec of their type. It refuses types
         * that do not name their content, such as {@code Map<String, Object>}.
         *
         * @param own the format, the same on all nodes
         * @return this
         */
        public Builder<M> format(MessageFormat<M> own) {
            this.format = Optional.of(Objects.requireNonNull(own, "own"));
            return this;
        }

        /**
         * Keeps presences for a while after their connection was lost: it broke without a close frame, or missed its heartbeats. Most
         * clients come back, to this node or another one, and other clients then see no change. The presence under a key is removed
         * as soon as the key is tracked again on the topic. It is removed at once if another owner has the key. There is no grace
         * for connections closed by either side, for channels that are left or fail, and for presences of a node that dies.
         *
         * <p>A client that does not come back stays visible for this time. All lost presences may take a 64th of the heap. Beyond it
         * the user whose lost presences take most loses the earliest of them, or gets no more. {@link Presence#lost} counts them.
         *
         * @param time more than 0, at most 10 minutes; off by default. It is measured by the system's monotonic clock
         * @return this
         * @throws IllegalArgumentException if the time is 0 or less, or longer than 10 minutes
         */
        public Builder<M> grace(Duration time) {
            Objects.requireNonNull(time, "time");
            if (!time.isPositive() || time.compareTo(MAX_GRACE) > 0) {
                throw new IllegalArgumentException(
                        "The grace of a presence is more than 0 and at most 10 minutes, not " + time + ".");
            }
            return grace(over -> Pause.of(time, ClusterPubSub.nodesOf(pubsub)::nanoTime, over), MAX_LOST_BYTES);
        }

        private void pass(Duration time) {
            Pause.of(time, ClusterPubSub.nodesOf(pubsub)::nanoTime);
        }

        /** For tests. */
        Builder<M> grace(Grace.Time time, long maxBytes) {
            this.grace = Optional.of(time);
            this.maxLostBytes = maxBytes;
            return this;
        }

        /** For tests. */
        Builder<M> pause(Pause windows) {
            this.pause = windows;
            return this;
        }

        /** For tests. */
        Builder<M> countPause(Pause windows) {
            this.countPause = windows;
            return this;
        }

        /**
         * Builds the presence.
         *
         * @return the presences of this node; those of other nodes follow as they arrive
         * @throws IllegalArgumentException if the pub/sub spans nodes, and values of the type cannot be sent to them
         * @throws IllegalStateException if the pub/sub has a presence of this name on this node
         */
        public Presence<M> build() {
            return new Presence<>(this);
        }
    }

    /**
     * Adds a presence on the owner's own topic. A channel is also sent the state of the topic, unless it has got it after an
     * earlier {@code track} or {@link #follow(PresenceOwner)}.
     *
     * @param owner the owner; if it has ended, nothing happens
     * @param key the key, such as the id of a user. At most 1 000 bytes of UTF-8
     * @param meta the metadata
     * @throws IllegalStateException if the owner is present there under this key, has too many presences, its client's
     *     presences take too much memory (see {@code MemoryLimits.maxConnectionBytes}), or this is closed
     * @throws IllegalArgumentException if the key is too long, or has half of a surrogate pair
     */
    public void track(PresenceOwner owner, String key, M meta) {
        Objects.requireNonNull(owner, "owner");
        track(owner, owner.topic(), key, meta);
    }

    /**
     * Adds a presence on any topic. A channel is sent the state of its own topic only.
     *
     * @param owner the owner; if it has ended, nothing happens
     * @param topic the topic
     * @param key the key, such as the id of a user. At most 1 000 bytes of UTF-8
     * @param meta the metadata
     * @throws IllegalStateException if the owner is present there under this key, has too many presences, its client's
     *     presences take too much memory (see {@code MemoryLimits.maxConnectionBytes}), or this is closed
     * @throws IllegalArgumentException if the key is too long, or has half of a surrogate pair
     */
    public void track(PresenceOwner owner, String topic, String key, M meta) {
        Objects.requireNonNull(owner, "owner");
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(meta, "meta");
        checkKey(key);
        checkPubSub(owner);
        announcer.checkOpen();
        replication.ifPresent(with -> with.check(meta));
        Shard<M> shard = shard(topic);
        // Before it is present, so that no read sees an owner that has ended; its end may be reported at once.
        shard.track(owners.register(owner, shard), topic, key, meta);
    }

    private Shard<M> shard(String topic) {
        return shards.get(ShardIndex.of(topic));
    }

    private static void checkKey(String key) {
        if (key.length() > MAX_KEY_BYTES
                || (key.length() > MAX_KEY_BYTES / 3 && key.getBytes(StandardCharsets.UTF_8).length > MAX_KEY_BYTES)) {
            throw new IllegalArgumentException("A key of " + key.length() + " characters is too long; it may have "
                    + MAX_KEY_BYTES + " bytes of UTF-8: '" + ControlCharacters.escaped(key.substring(0, 40)) + "...'");
        }
        // JSON can represent it: a client may have sent it. Other nodes would get another key.
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(key)) {
            throw new IllegalArgumentException(
                    "The key '" + ControlCharacters.escaped(key) + "' has half of a surrogate pair; take it out.");
        }
    }

    /**
     * Returns the pub/sub of its announcements, which must be that of the endpoints.
     *
     * @return the one that it was made over
     */
    public PubSub pubsub() {
        return pubsub;
    }

    /** Clients of an endpoint over another pub/sub would not receive the announcements. */
    private void checkPubSub(PresenceOwner owner) {
        owner.pubsub().filter(other -> !other.equals(pubsub)).ifPresent(_ -> {
            throw new IllegalArgumentException("This presence is over another pub/sub than the endpoint of channel '"
                    + owner.topic() + "', so no client would see it; give both the same: Presence.over(pubsub, ...) and"
                    + " Endpoint.builder().pubsub(pubsub).");
        });
    }

    /**
     * Changes the meta of a presence on the owner's own topic.
     *
     * @param owner the owner
     * @param key its key
     * @param change returns the next meta for the present one; called again if another change came in between
     * @return false if the owner is not present there under this key; nothing happened then
     * @throws IllegalStateException if its client's presences would take too much memory; nothing is changed then
     */
    public boolean update(PresenceOwner owner, String key, UnaryOperator<M> change) {
        Objects.requireNonNull(owner, "owner");
        return update(owner, owner.topic(), key, change);
    }

    /**
     * Changes the meta of a presence.
     *
     * @param owner the owner
     * @param topic the topic
     * @param key its key
     * @param change returns the next meta for the present one; called again if another change came in between
     * @return false if the owner is not present there under this key; nothing happened then
     * @throws IllegalStateException if its client's presences would take too much memory; nothing is changed then
     */
    public boolean update(PresenceOwner owner, String topic, String key, UnaryOperator<M> change) {
        Objects.requireNonNull(owner, "owner");
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(change, "change");
        Shard<M> shard = shard(topic);
        while (true) {
            Optional<OwnerRegistration> registration = owners.find(owner);
            Optional<Entry<M>> old = registration.flatMap(known -> shard.find(known, topic, key));
            if (old.isEmpty()) {
                return false;
            }
            M next = Objects.requireNonNull(
                    change.apply(old.get().meta()), "The changed meta of a presence is null; untrack removes it.");
            replication.ifPresent(with -> with.check(next));
            if (shard.replace(registration.get(), old.get(), next)) {
                return true;
            }
        }
    }

    /**
     * Removes a presence on the owner's own topic.
     *
     * @param owner the owner
     * @param key its key
     * @return false if the owner was not present there under this key
     */
    public boolean untrack(PresenceOwner owner, String key) {
        Objects.requireNonNull(owner, "owner");
        return untrack(owner, owner.topic(), key);
    }

    /**
     * Removes a presence.
     *
     * @param owner the owner
     * @param topic the topic
     * @param key its key
     * @return false if the owner was not present there under this key
     */
    public boolean untrack(PresenceOwner owner, String topic, String key) {
        Objects.requireNonNull(owner, "owner");
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(key, "key");
        return owners.find(owner)
                .filter(registration -> shard(topic).untrack(registration, topic, key))
                .isPresent();
    }

    /**
     * Removes all presences of an owner, on all topics.
     *
     * @param owner the owner
     */
    public void untrackAll(PresenceOwner owner) {
        Objects.requireNonNull(owner, "owner");
        owners.find(owner)
                .ifPresent(registration -> owners.forEachShard(registration, shard -> shard.untrackAll(registration)));
    }

    /**
     * Sends a channel the state of its own topic as {@code presence_state}, without a presence of its own. It gets the diffs as every
     * member does.
     *
     * @param owner a joined channel; for any other owner nothing happens
     * @throws IllegalArgumentException if its endpoint is over another pub/sub
     */
    public void follow(PresenceOwner owner) {
        Objects.requireNonNull(owner, "owner");
        if (announcer.isClosed() || !(owner instanceof StateRecipient recipient)) {
            return;
        }
        checkPubSub(owner);
        String topic = owner.topic();
        Shard<M> shard = shard(topic);
        shard.follow(owners.register(owner, shard), topic, recipient);
    }

    /**
     * Sends a channel the presences of any topic. The messages come on the channel's own topic: the event {@code NAME_state} with all
     * presences, then {@code NAME_diff} with each change, in the form and at the pace of those of its own topic. In a page:
     * {@code new Presence(channel, {events: {state: "agents_state", diff: "agents_diff"}})}.
     *
     * {@snippet lang="java" :
     * .onJoined(desk -> presence.follow(desk, "agents:all", "agents"))
     * }
     *
     * <p>It ends with the channel. A channel follows at most {@value #MAX_PER_OWNER} topics, also of counts.
     *
     * @param owner a joined channel; for any other owner nothing happens
     * @param topic the topic, with or without members
     * @param name the name of the events before {@code _state} and {@code _diff}, another one for each topic that the channel follows
     * @return ends the messages when closed; one that is on its way may still arrive
     * @throws IllegalArgumentException if the name has not 1 to 200 bytes of UTF-8 without control characters, begins with {@code phx_},
     *     or is {@code presence}, whose events are those of the channel's own topic; or if the channel's endpoint is over another pub/sub
     * @throws IllegalStateException if the channel follows a topic under this name, or too many topics
     */
    public Subscription follow(PresenceOwner owner, String topic, String name) {
        return follow(owner, topic, name, (shard, registration, recipient) -> {
            Follower follower = new Follower(topic, name, registration, recipient, shard.followers());
            shard.follow(follower);
            return follower;
        });
    }

    /**
     * Sends a channel the number of keys on any topic, without the presences: for a topic of ten thousand viewers. The event
     * {@code NAME_count} comes on the channel's own topic, with the payload {@code {"count": 10000}}: before this returns, and when the
     * number has changed, at most once a second. A lagging client gets the latest number only.
     *
     * {@snippet lang="java" :
     * .onJoined(stream -> {
     *     presence.track(stream, "viewers:7", user, meta); // not on the joined topic, whose members get every change
     *     presence.followCount(stream, "viewers:7", "viewers");
     * })
     * }
     *
     * <p>It ends with the channel. <b>Blocking:</b> as {@code Context.push}.
     *
     * @param owner a joined channel; for any other owner nothing happens
     * @param topic the topic, with or without members
     * @param name the name of the event before {@code _count}, another one for each topic that the channel follows
     * @return ends the messages when closed; one that is on its way may still arrive
     * @throws IllegalArgumentException as for {@link #follow(PresenceOwner, String, String)}
     * @throws IllegalStateException if the channel follows a topic under this name, or too many topics
     */
    public Subscription followCount(PresenceOwner owner, String topic, String name) {
        return follow(owner, topic, name, (shard, registration, recipient) -> {
            CountFollower follower = new CountFollower(topic, name, registration, recipient, shard.countFollowers());
            shard.followCount(follower);
            return follower;
        });
    }

    /** Begins to follow a topic. */
    private interface Begin<M> {
        Subscription follow(Shard<M> shard, OwnerRegistration registration, StateRecipient recipient);
    }

    private Subscription follow(PresenceOwner owner, String topic, String name, Begin<M> begin) {
        Objects.requireNonNull(owner, "owner");
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(name, "name");
        checkName(name);
        if (announcer.isClosed() || !(owner instanceof StateRecipient recipient)) {
            return () -> {};
        }
        checkPubSub(owner);
        Shard<M> shard = shard(topic);
        return begin.follow(shard, owners.register(owner, shard), recipient);
    }

    private static void checkName(String name) {
        if (name.equals(OWN_NAME)) {
            throw new IllegalArgumentException("The events presence_state and presence_diff are those of the channel's"
                    + " own topic; choose another name than 'presence'.");
        }
        if (name.isEmpty()
                || name.startsWith("phx_")
                || ControlCharacters.isIn(name)
                || !StandardCharsets.UTF_8.newEncoder().canEncode(name)
                || name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
            throw new IllegalArgumentException("The name of a followed topic has 1 to " + MAX_NAME_BYTES
                    + " bytes of UTF-8 without control characters, and does not begin with phx_, unlike '"
                    + ControlCharacters.escaped(name) + "'.");
        }
    }

    /**
     * The metas of all presences on a topic. The cost is linear in their number.
     *
     * @param topic the topic
     * @return metas by key, the oldest of each key first; a copy
     */
    public Map<String, List<M>> list(String topic) {
        Objects.requireNonNull(topic, "topic");
        return EntriesByKey.of(shard(topic).visible().topic(topic), Entry::meta);
    }

    /**
     * The metas of a key on a topic.
     *
     * @param topic the topic
     * @param key the key
     * @return metas, the oldest first; empty if no owner is present under the key
     */
    public List<M> get(String topic, String key) {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(key, "key");
        return shard(topic).visible().topic(topic).get(key).stream()
                .map(Entry::meta)
                .toList();
    }

    /**
     * The number of keys on a topic.
     *
     * @param topic the topic
     * @return 0 or more
     */
    public int count(String topic) {
        Objects.requireNonNull(topic, "topic");
        return shard(topic).visible().topic(topic).keys();
    }

    /**
     * The number of presences on all topics. The cost does not depend on it.
     *
     * @return 0 or more
     */
    public int size() {
        return shards.stream().mapToInt(shard -> shard.visible().size()).sum();
    }

    /**
     * Subscribes to the changes of a topic. The first diff has all presences as joins, and comes for an empty topic as well. Each
     * diff also has the state after it. A slow subscriber gets fewer and larger diffs.
     *
     * <p><b>Threads:</b> the subscriber runs on a virtual thread of this subscription, one call at a time. <b>Blocking:</b>
     * allowed. An exception is logged, and the subscription stays open.
     *
     * @param topic the topic
     * @param subscriber receives each diff
     * @return the subscription
     * @throws IllegalStateException if this is closed
     */
    public Subscription subscribe(String topic, Consumer<? super Diff<M>> subscriber) {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(subscriber, "subscriber");
        Shard<M> shard = shard(topic);
        DiffSubscription<M> subscription = new DiffSubscription<>(shard, topic, subscriber);
        shard.add(subscription);
        return subscription;
    }

    /**
     * Ends all diffs, and makes {@code track} fail. Reads return what they did before. Over several nodes, the presences of this
     * node are removed, here and on the others. Closing again does nothing.
     */
    @Override
    public void close() {
        registered.ifPresent(Subscription::close);
        announcer.close();
        replication.ifPresent(Replication::close);
        shards.forEach(Shard::close);
        memory.close();
    }

    /**
     * The presences that {@link Builder#grace} keeps after their connections were lost.
     *
     * @return their present numbers
     */
    public Lost lost() {
        return grace.map(each -> new Lost(each.owners(), each.bytes(), each.refused()))
                .orElse(new Lost(0, 0, 0));
    }

    /**
     * Numbers of presences whose connections were lost.
     *
     * @param owners the number of owners that are kept
     * @param bytes the heap that they take
     * @param refused the number of owners that were removed at once or early, because the memory limit was reached
     */
    public record Lost(int owners, long bytes, long refused) {}

    /** The heap that replication takes. Without a lock. */
    private long replicationBytes() {
        return shards.stream()
                .mapToLong(shard -> shard.latest().replicationBytes())
                .sum();
    }

    /** The number of topics whose clients got a diff within the last window. For tests. */
    int announcers() {
        return shards.stream().mapToInt(Shard::announcers).sum();
    }

    /** The number of topics whose followers got a count within the last window. For tests. */
    int countAnnouncers() {
        return shards.stream().mapToInt(Shard::countAnnouncers).sum();
    }

    /** The number of topics that have followers. For tests. */
    int followedTopics() {
        return shards.stream()
                .mapToInt(shard ->
                        shard.followers().topics() + shard.countFollowers().topics())
                .sum();
    }

    /** For tests. */
    int owners() {
        return owners.size();
    }

    /** The lock of the shard of a topic. For tests. */
    Object lock(String topic) {
        return shard(topic).lock;
    }
}
