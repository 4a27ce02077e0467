package io.heliodor.group;

import io.heliodor.channel.Channels;
import io.heliodor.event.Event;
import io.heliodor.gossip.Gossip;
import io.heliodor.gossip.Replica;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
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
 * <p>Groups are those of the pub/sub: all {@code Groups} over it are the same, on all nodes that it spans. One for each JVM is enough; it
 * may be made before the endpoint over the pub/sub, which carries out the broadcasts as those of {@link Channels}. They are kept in memory. A change is
 * seen on its own node when the method returns, and on the others a moment later, or when they can be reached again. Two nodes
 * may add at the same time: nothing of it is lost. Groups and topics that one node alone has added go when that node leaves, and are
 * there again when it comes back from a split. A topic that one node adds while another one removes it stays, unless the node that adds
 * it had done so before.
 *
 * <p><b>Bounds.</b> {@link GroupLimits}. They hold for what is added on one node; nodes that add at the same time may get beyond them together.
 *
 * <p><b>Threads.</b> Any thread may use it, at the same time as others. Reads take no lock, never wait, and see all groups as
 * they were at one moment. Changes copy the names or topics, and may wait as a broadcast does where a thread is far ahead of the
 * network.
 */
public final class Groups implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.group");
    private static final String SCOPE = "heliodor.groups";
    private static final String NAME = "contributions";

    /** Collects the writers of this node. */
    private interface Writers {
        void add(long writer);
    }

    private static final Topic<Writers> WRITERS = Topic.of("writers", Writers.class);
    private static final long SWEEP = Duration.ofSeconds(10).toNanos();
    private static final long SWEEP_OF_ONE = Duration.ofSeconds(1).toNanos();

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final ThreadFactory THREADS =
            Thread.ofVirtual().name("heliodor-groups").factory();

    private final PubSub scope;
    private final Nodes nodes;

    /** Whether there are no other nodes, and so no ticks of a clock. */
    private final boolean single;

    private final AtomicBoolean sweeping = new AtomicBoolean();
    private final Channels channels;
    private final GroupLimits limits;
    private final AtomicLong refused = new AtomicLong();
    private final long writer = RANDOM.nextLong();
    private final Object lock = new Object();

    /** Guarded by the lock. */
    private final Contributions contributions;

    /** The members that had no endpoint at the last sweep. Guarded by the lock. */
    private Set<NodeId> without = Set.of();

    /** Those that had none at two sweeps: nothing of them is merged. Guarded by the lock. */
    private Set<NodeId> gone = Set.of();

    /** In the order of creation; replaced under the lock, read without. */
    private volatile Map<String, Group> groups = Map.of();

    private volatile boolean closed;

    private final Subscription alive;
    private final Gossip<Contribution> gossip;
    private final Subscription watching;

    Groups(PubSub pubsub, Channels channels, GroupLimits limits) {
        this.scope = pubsub.scope(SCOPE);
        this.nodes = Nodes.of(scope);
        this.single = !pubsub.spansNodes();
        this.channels = channels;
        this.limits = limits;
        this.contributions = new Contributions(nodes.self(), writer);
        this.alive = scope.subscribeInline(WRITERS, writers -> writers.add(writer));
        this.gossip = new Gossip<>(NAME, scope, Contribution.class, new ContributionFormat(), new Known());
        this.watching = nodes.subscribe(new Watcher());
    }

    /**
     * The groups of a pub/sub, with {@link GroupLimits#defaults}.
     *
     * @param pubsub whose groups; it stays open when this is closed
     * @return the groups, to be closed
     * @throws IllegalStateException if the pub/sub is closed
     */
    public static Groups over(PubSub pubsub) {
        return over(pubsub, GroupLimits.defaults());
    }

    /**
     * The groups of a pub/sub.
     *
     * @param pubsub whose groups; it stays open when this is closed
     * @param limits how many groups and topics there may be
     * @return the groups, to be closed
     * @throws IllegalStateException if the pub/sub is closed
     */
    public static Groups over(PubSub pubsub, GroupLimits limits) {
        return new Groups(pubsub, Channels.over(pubsub), limits);
    }

    /**
     * Makes a group that has no topics yet.
     *
     * @param name what to call it: 1 to 255 bytes of UTF-8 without control characters
     * @return the new group
     * @throws GroupException.Exists if there is a group of that name; {@link #ensure} does not mind. Of two nodes that create one
     *     at the same time neither may be refused; they have one group then
     * @throws GroupException.TooMany if there are as many groups as there may be
     * @throws IllegalArgumentException if the name breaks the rule above
     * @throws IllegalStateException if these groups are closed
     */
    public Group create(String name) {
        return create(name, false);
    }

    /**
     * The group of a name, which is made if there is none. Threads that ask at the same time get the same group. A group of another
     * node is that of this one as well from then on, and stays when the other one leaves.
     *
     * @param name what it is called: 1 to 255 bytes of UTF-8 without control characters
     * @return the group, as it is; a new one has no topics
     * @throws GroupException.TooMany if it is missing and there are as many groups as there may be
     * @throws IllegalArgumentException if the name breaks the rule above
     * @throws IllegalStateException if it is to be made, and these groups are closed
     */
    public Group ensure(String name) {
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
     * Changes the own contribution to a group, shows the group as it is then, and sends the contribution.
     *
     * @param step the new contribution, if it changed; under the lock
     * @param result of the step; likewise
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
        next.ifPresent(this::tell);
        return changed;
    }

    /** Merges a contribution of this node at all endpoints. Without the lock: it may wait. */
    private void tell(Contribution changed) {
        try {
            gossip.tell(changed);
        } catch (IllegalStateException e) {
            LOG.debug("The pub/sub is closed: a change of the group {} stays here.", changed.group(), e);
        } catch (RuntimeException e) {
            LOG.error("A change of the group {} does not go to other nodes.", changed.group(), e);
        }
    }

    /**
     * The group of a name.
     *
     * @param name what it is called
     * @return the group, if there is one
     */
    public Optional<Group> find(String name) {
        return Optional.ofNullable(groups.get(name));
    }

    /**
     * Deletes a group, on all nodes. Its topics and their members live on; whoever still holds the {@link Group} is refused with
     * {@link GroupException.Deleted}. The name is free again, for another group. A topic that another node adds at the same time
     * stays, in a group of that name.
     *
     * @param name what it is called
     * @return whether there was one
     * @throws GroupException.Full if other endpoints have added so many topics that their removal does not fit a message to another node
     * @throws IllegalStateException if these groups are closed
     */
    public boolean delete(String name) {
        return change(
                name,
                () -> groups.containsKey(name) ? contributions.delete(name) : Optional.empty(),
                Optional::isPresent);
    }

    /**
     * What the groups are called.
     *
     * @return all names at this moment, in the order of their creation; immutable
     */
    public Set<String> names() {
        return groups.keySet();
    }

    /**
     * How many changes a limit has refused.
     *
     * @return a number that only grows
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

    /** Shows groups as they are by all contributions. Under the lock. */
    private void refresh(Collection<String> names) {
        List<Group> made = new ArrayList<>();
        Set<Group> ended = new HashSet<>();
        for (String name : names) {
            Optional<Contributions.Content> content = contributions.content(name);
            Group group = groups.get(name);
            if (content.isPresent()) {
                Group shown =
                        group == null ? new Group(name, this, content.get().first()) : group;
                shown.show(content.get().topics(), contributions.created(name));
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

    /** A broadcast may wait; a message from another node must not. */
    private void tellLater(Collection<Contribution> changed) {
        if (!changed.isEmpty()) {
            THREADS.newThread(() -> changed.forEach(this::tell)).start();
        }
    }

    /** The contributions that are known here. */
    private final class Known implements Replica<Contribution> {
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
                    // It would be refuted that this writer has ended.
                    return;
                }
                if (contribution.writer() == writer) {
                    contributions.refute(contribution).ifPresent(changed::add);
                } else if (isMember(contribution.node())
                        && !gone.contains(contribution.node())
                        && contributions.merge(contribution, changed)) {
                    // One of a node that is not in the view comes again when that node is.
                    refresh(List.of(contribution.group()));
                }
            }
            tellLater(changed);
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
        public Collection<Contribution> after(String key) {
            synchronized (lock) {
                return contributions.after(key);
            }
        }

        @Override
        public long hash() {
            synchronized (lock) {
                return contributions.hash();
            }
        }
    }

    private final class Watcher implements Nodes.Listener {
        private long sweepAt;

        @Override
        public void joined(NodeId node) {}

        @Override
        public void reachable(NodeId node) {}

        @Override
        public void left(NodeId node) {
            THREADS.newThread(() -> forget(former -> former.equals(node) && !isMember(former)))
                    .start();
        }

        @Override
        public void tick(long nanos) {
            if (nanos - sweepAt >= 0) {
                sweepAt = nanos + SWEEP;
                THREADS.newThread(Groups.this::sweep).start();
            }
        }
    }

    /** Whether a contribution has entries of a writer of this node that is not here any more. */
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

    /** On a pub/sub of one JVM, which has no ticks. */
    private void sweepSoon() {
        boolean marks;
        synchronized (lock) {
            marks = single && !closed && contributions.hasMarks();
        }
        if (marks && sweeping.compareAndSet(false, true)) {
            THREADS.newThread(() -> {
                        LockSupport.parkNanos(SWEEP_OF_ONE);
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
        absent.removeAll(gossip.copies());
        absent.remove(nodes.self());
        synchronized (lock) {
            // The last endpoint of a node that lives on took its entries back, but that may not have come here.
            gone = absent.stream().filter(without::contains).collect(Collectors.toSet());
            without = absent;
        }
        forget(node -> !isMember(node) || gone.contains(node));
        Set<Long> writers = writers();
        List<Contribution> own;
        synchronized (lock) {
            own = closed ? List.of() : contributions.sweep(writers);
        }
        own.forEach(this::tell);
    }

    /** Takes back what was added by this endpoint, at the others. Reads go on with what there was. Closing again does nothing. */
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
        alive.close();
        watching.close();
        own.forEach(this::tell);
        gossip.close();
    }
}
