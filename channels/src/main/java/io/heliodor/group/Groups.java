package io.heliodor.group;

import io.heliodor.channel.Channels;
import io.heliodor.event.Event;
import io.heliodor.gossip.Gossip;
import io.heliodor.gossip.GossipReplica;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import io.heliodor.type.text.EscapedException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Named groups of topics.
 *
 * {@snippet lang="java" :
 * Groups groups = Groups.over(pubsub);
 * Group staff = groups.create("staff").add("room:ops").add("room:support");
 * staff.broadcast(NOTICE, new Notice("disk full"));
 * }
 *
 * <p>The groups belong to the pub/sub: all {@code Groups} over it, on all of its nodes, have the same groups. One for each JVM is
 * enough. It may be made before the endpoint over the pub/sub, which sends its broadcasts like those of {@link Channels}. Groups are kept
 * in memory.
 *
 * <p><b>Replication.</b> A change is visible on its own node when the method returns, and on other nodes shortly afterwards, or when they are
 * reachable again. Concurrent additions of two nodes are both kept. Groups and topics that only one node has added disappear when that node
 * leaves, and come back with it after a split. A topic that one node adds while another one removes it stays, unless the adding node had
 * added it before.
 *
 * <p><b>Limits.</b> {@link GroupLimits}. They are checked on each node: nodes that add at the same time may exceed them together.
 *
 * <p><b>Threads.</b> Any thread may use it. Reads take no lock, never block, and see a consistent snapshot. Changes copy the names or
 * topics, and may block like a broadcast if the queues of the network are full.
 */
public final class Groups implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.group");
    private static final String SCOPE = "heliodor.groups";
    private static final String NAME = "contributions";

    /** Receives the ids of the writers of this node. */
    private interface Writers {
        void add(long writer);
    }

    private static final Topic<Writers> WRITERS = Topic.of("writers", Writers.class);
    private static final long SWEEP_INTERVAL = Duration.ofSeconds(10).toNanos();
    private static final long SWEEP_DELAY = Duration.ofSeconds(1).toNanos();

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final ThreadFactory THREADS =
            Thread.ofVirtual().name("heliodor-groups").factory();

    private final PubSub scope;
    private final Nodes nodes;

    /** Whether there are no other nodes, and so no clock ticks. */
    private final boolean single;

    private final AtomicBoolean sweeping = new AtomicBoolean();
    private final Channels channels;
    private final GroupLimits limits;
    private final AtomicLong refused = new AtomicLong();
    private final long writer = RANDOM.nextLong();
    private final Object lock = new Object();

    /** Guarded by the lock. */
    private final Contributions contributions;

    /** The members without {@code Groups} at the last sweep. Guarded by the lock. */
    private Set<NodeId> absentOnce = Set.of();

    /** The members without {@code Groups} at the last two sweeps. Their contributions are not merged. Guarded by the lock. */
    private Set<NodeId> absentTwice = Set.of();

    /** The groups by name, in the order of creation. Replaced under the lock, read without. */
    private volatile Map<String, Group> groups = Map.of();

    private volatile boolean closed;

    private final Subscription writerSubscription;
    private final Gossip<Contribution> gossip;
    private final Subscription viewSubscription;

    Groups(PubSub pubsub, Channels channels, GroupLimits limits) {
        this.scope = pubsub.scope(SCOPE);
        this.nodes = ClusterPubSub.nodesOf(scope);
        this.single = !pubsub.spansNodes();
        this.channels = channels;
        this.limits = limits;
        this.contributions = new Contributions(nodes.self(), writer);
        this.writerSubscription = scope.subscribeInline(WRITERS, writers -> writers.add(writer));
        this.gossip = new Gossip<>(NAME, scope, Contribution.class, new ContributionFormat(), new KnownContributions());
        this.viewSubscription = nodes.subscribe(new ViewListener());
    }

    /**
     * The groups of a pub/sub, with {@link GroupLimits#defaults}.
     *
     * @param pubsub the pub/sub; it stays open when this is closed
     * @return its groups, to be closed
     * @throws IllegalStateException if the pub/sub is closed
     */
    public static Groups over(PubSub pubsub) {
        return over(pubsub, GroupLimits.defaults());
    }

    /**
     * The groups of a pub/sub.
     *
     * @param pubsub the pub/sub; it stays open when this is closed
     * @param limits the maximum numbers of groups and topics
     * @return its groups, to be closed
     * @throws IllegalStateException if the pub/sub is closed
     */
    public static Groups over(PubSub pubsub, GroupLimits limits) {
        return new Groups(pubsub, Channels.over(pubsub), Objects.requireNonNull(limits, "limits"));
    }

    /**
     * Creates a group without topics.
     *
     * @param name the name: 1 to 255 bytes of UTF-8 without control characters
     * @return the new group
     * @throws GroupException.Exists if a group of that name exists, which {@link #ensure} returns. Two nodes may create a group of one
     *     name at the same time without an exception; it is then one group
     * @throws GroupException.TooMany if the maximum number of groups was reached
     * @throws IllegalArgumentException if the name breaks the rule above
     * @throws IllegalStateException if these groups are closed
     */
    public Group create(String name) {
        Objects.requireNonNull(name, "name");
        return create(name, false);
    }

    /**
     * The group of a name, which is created if there is none. Concurrent calls return the same group. If another node created it, this
     * node becomes a creator as well, so the group stays when the other one leaves.
     *
     * @param name the name: 1 to 255 bytes of UTF-8 without control characters
     * @return the group; a new one has no topics
     * @throws GroupException.TooMany if it does not exist, and the maximum number of groups was reached
     * @throws IllegalArgumentException if the name breaks the rule above
     * @throws IllegalStateException if it must be created, and these groups are closed
     */
    public Group ensure(String name) {
        Objects.requireNonNull(name, "name");
        Group known = groups.get(name);
        if (known != null && known.isOwn()) {
            return known;
        }
        return create(name, true);
    }

    private Group create(String name, boolean mayExist) {
        NameChecks.checkGroup(name);
        return change(
                name,
                () -> {
                    boolean exists = groups.containsKey(name);
                    if (exists && !mayExist) {
                        throw new GroupException.Exists(name);
                    }
                    if (!exists && groups.size() >= limits.maxGroups()) {
                        throw new GroupException.TooMany(name, limits.maxGroups());
                    }
                    return contributions.add(name, List.of());
                },
                _ -> Objects.requireNonNull(groups.get(name), name));
    }

    /**
     * Changes the own contribution to a group, refreshes the group, and publishes the contribution.
     *
     * @param step returns the new contribution, if it changed; runs under the lock
     * @param result computes the result; runs under the lock
     */
    private <R> R change(
            String name, Supplier<Optional<Contribution>> step, Function<Optional<Contribution>, R> result) {
        Optional<Contribution> next;
        R changed;
        try {
            synchronized (lock) {
                if (closed) {
                    throw new IllegalStateException("Group '" + name + "' was not changed: these groups are closed.");
                }
                next = step.get();
                next.ifPresent(_ -> refresh(List.of(name)));
                changed = result.apply(next);
            }
        } catch (GroupException.TooMany | GroupException.Full e) {
            refused.incrementAndGet();
            throw e;
        }
        next.ifPresent(this::publish);
        return changed;
    }

    /** Publishes a contribution to all nodes. Without the lock, since it may block. */
    private void publish(Contribution changed) {
        try {
            gossip.publish(changed);
        } catch (IllegalStateException e) {
            LOG.debug("The pub/sub is closed: a change of the group {} stays here.", changed.group(), e);
        } catch (RuntimeException e) {
            LOG.error("A change of the group {} does not go to other nodes.", changed.group(), EscapedException.of(e));
        }
    }

    /**
     * Finds a group.
     *
     * @param name its name
     * @return the group; empty if there is none
     */
    public Optional<Group> find(String name) {
        Objects.requireNonNull(name, "name");
        return Optional.ofNullable(groups.get(name));
    }

    /**
     * Deletes a group on all nodes. Its topics and their members are not affected. The methods of the {@link Group} object throw
     * {@link GroupException.Deleted} from then on, and the name can be used for a new group. A topic that another node adds at the same
     * time stays, in a group of that name.
     *
     * @param name its name
     * @return false if there was none
     * @throws GroupException.Full if other endpoints have added so many topics that their removal does not fit a message to another node
     * @throws IllegalStateException if these groups are closed
     */
    public boolean delete(String name) {
        Objects.requireNonNull(name, "name");
        return change(
                name,
                () -> groups.containsKey(name) ? contributions.delete(name) : Optional.empty(),
                Optional::isPresent);
    }

    /**
     * The names of all groups.
     *
     * @return the present names in the order of creation; immutable
     */
    public Set<String> names() {
        return groups.keySet();
    }

    /**
     * The number of changes that were refused because of a limit.
     *
     * @return a number that never falls
     */
    public long refused() {
        return refused.get();
    }

    // For a group.

    <T> void broadcast(Set<String> topics, Event<T> event, T payload) {
        if (closed) {
            throw new IllegalStateException("Nothing is broadcast to a group: these groups are closed.");
        }
        channels.broadcast(topics, event, payload);
    }

    void add(Group group, Collection<String> more) {
        change(
                group.name(),
                () -> {
                    checkCount(group.name(), group.topics(), more);
                    return more.isEmpty() ? Optional.empty() : contributions.add(group.name(), more);
                },
                Optional::isPresent);
    }

    private void checkCount(String name, Set<String> topics, Collection<String> more) {
        if (!topics.containsAll(more)) {
            Set<String> next = new LinkedHashSet<>(topics);
            next.addAll(more);
            if (next.size() > limits.maxTopicsPerGroup()) {
                throw new GroupException.Full(name, limits.maxTopicsPerGroup());
            }
        }
    }

    void remove(Group group, Collection<String> fewer) {
        change(
                group.name(),
                () -> Collections.disjoint(group.topics(), fewer)
                        ? Optional.empty()
                        : contributions.remove(group.name(), fewer),
                Optional::isPresent);
    }

    /** Updates groups from their contributions. Under the lock. */
    private void refresh(Collection<String> names) {
        List<Group> made = new ArrayList<>();
        Set<Group> ended = new HashSet<>();
        for (String name : names) {
            Optional<Contributions.Content> content = contributions.content(name);
            Group group = groups.get(name);
            if (content.isPresent()) {
                Group shown =
                        group == null ? new Group(name, this, content.get().first()) : group;
                shown.update(content.get().topics(), contributions.created(name));
                if (group == null) {
                    made.add(shown);
                }
            } else if (group != null) {
                ended.add(group);
            }
        }
        if (!made.isEmpty() || !ended.isEmpty()) {
            Map<String, Group> next = new LinkedHashMap<>();
            Stream.concat(groups.values().stream().filter(group -> !ended.contains(group)), made.stream())
                    .sorted(Comparator.comparing(Group::first))
                    .forEach(group -> next.put(group.name(), group));
            groups = Collections.unmodifiableMap(next);
            ended.forEach(Group::end);
        }
    }

    // Other writers.

    /** Publishes on a thread of its own: publishing may block, and the handler of a message from another node must not. */
    private void publishLater(Collection<Contribution> changed) {
        if (!changed.isEmpty()) {
            THREADS.newThread(() -> changed.forEach(this::publish)).start();
        }
    }

    /** The replica of contributions on this node. */
    private final class KnownContributions implements GossipReplica<Contribution> {
        @Override
        public void merge(Contribution came) {
            List<Contribution> changed = new ArrayList<>(1);
            Contribution contribution = came;
            if (endWasMissed(came)) {
                contribution = came.ended();
                changed.add(contribution);
            }
            synchronized (lock) {
                if (closed) {
                    // A refutation would revive the entries of this writer, which has ended.
                    return;
                }
                if (contribution.writer() == writer) {
                    contributions.refute(contribution).ifPresent(changed::add);
                } else if (isMember(contribution.node())
                        && !absentTwice.contains(contribution.node())
                        && contributions.merge(contribution, changed)) {
                    // Contributions of a node outside of the view are sent again when it joins.
                    refresh(List.of(contribution.group()));
                }
            }
            publishLater(changed);
            sweepSoon();
        }

        @Override
        public String key(Contribution contribution) {
            return contribution.key();
        }

        @Override
        public long hash(Contribution contribution) {
            return Contributions.hash(contribution);
        }

        @Override
        public Collection<Contribution> all() {
            synchronized (lock) {
                return contributions.all();
            }
        }

        @Override
        public long hash() {
            synchronized (lock) {
                return contributions.hash();
            }
        }
    }

    private final class ViewListener implements Nodes.Listener {
        private long sweepAt;

        @Override
        public void left(NodeId node) {
            THREADS.newThread(() -> forget(former -> former.equals(node) && !isMember(former)))
                    .start();
        }

        @Override
        public void tick(long nanos) {
            if (nanos - sweepAt >= 0) {
                sweepAt = nanos + SWEEP_INTERVAL;
                THREADS.newThread(Groups.this::sweep).start();
            }
        }
    }

    /** Whether a contribution has entries of an ended writer of this node. */
    private boolean endWasMissed(Contribution contribution) {
        return contribution.node().equals(nodes.self())
                && contribution.numbers().findAny().isPresent()
                && contribution.writer() != writer
                && !writers().contains(contribution.writer());
    }

    /** The writers of this node that have not ended. */
    private Set<Long> writers() {
        Set<Long> writers = new HashSet<>();
        scope.broadcastLocally(WRITERS, writers::add);
        return writers;
    }

    /** Schedules a sweep on a pub/sub of one JVM, which has no clock ticks. */
    private void sweepSoon() {
        boolean tombstones;
        synchronized (lock) {
            tombstones = single && !closed && contributions.hasTombstones();
        }
        if (tombstones && sweeping.compareAndSet(false, true)) {
            THREADS.newThread(() -> {
                        LockSupport.parkNanos(SWEEP_DELAY);
                        sweeping.set(false);
                        sweep();
                        sweepSoon();
                    })
                    .start();
        }
    }

    private boolean isMember(NodeId node) {
        return nodes.members().contains(node);
    }

    private void forget(Predicate<NodeId> former) {
        synchronized (lock) {
            Set<String> changed = new HashSet<>();
            contributions.nodes().stream().filter(former).forEach(node -> changed.addAll(contributions.forget(node)));
            if (!closed) {
                refresh(changed);
            }
        }
    }

    private void sweep() {
        Set<NodeId> absent = new HashSet<>(nodes.members());
        absent.removeAll(gossip.replicaNodes());
        absent.remove(nodes.self());
        synchronized (lock) {
            // When Groups is closed on a running node, its last contributions may not have arrived here.
            absentTwice = absent.stream().filter(absentOnce::contains).collect(Collectors.toSet());
            absentOnce = absent;
        }
        forget(node -> !isMember(node) || absentTwice.contains(node));
        Set<Long> writers = writers();
        List<Contribution> own;
        synchronized (lock) {
            own = closed ? List.of() : contributions.sweep(writers);
        }
        own.forEach(this::publish);
    }

    /** Removes the entries added by this object on all nodes. Reads return the last state. Closing again does nothing. */
    @Override
    public void close() {
        List<Contribution> own;
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
            own = contributions.end();
        }
        writerSubscription.close();
        viewSubscription.close();
        own.forEach(this::publish);
        gossip.close();
    }
}
