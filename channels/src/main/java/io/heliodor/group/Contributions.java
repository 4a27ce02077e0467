package io.heliodor.group;

import io.heliodor.gossip.EntryHash;
import io.heliodor.pubsub.engine.NodeId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The groups of a cluster as known to one writer: a contribution of each writer to each group. A group has the entries of all
 * contributions, without the entries for which one of them has a tombstone. A tombstone stays until the entry's own writer has removed the
 * entry. So each writer changes only its own contributions. Those of a writer that ended are cleared by others of its node. See
 * {@code docs/design/groups.md}.
 *
 * <p>Not thread-safe. It reads no clock.
 */
final class Contributions {
    /** The maximum number of empty contributions that are kept; the oldest are forgotten first. */
    private static final int MAX_EMPTY = 10_000;

    /**
     * The maximum size of the topics and tombstones of a contribution. As the last one of a gossip response it follows up to 512 KiB of
     * others, and messages between nodes have 4 MiB.
     */
    static final int MAX_BYTES = 3 << 20;

    /** The number of sweeps that a tombstone outlives its entry. */
    private static final int SWEEPS = 2;

    /** The number of sweeps that a tombstone is kept if the entry's writer is unknown: its node may come back with the entry. */
    private static final int SWEEPS_UNKNOWN = 30;

    private final NodeId node;
    private final long self;

    /** All contributions by key, including empty ones. */
    private final TreeMap<String, Contribution> known = new TreeMap<>();

    /** The contributions that are not empty, by group, then by writer. */
    private final Map<String, Map<Long, Contribution>> groups = new HashMap<>();

    /** The keys of the empty contributions, the oldest first. */
    private final LinkedHashSet<String> empty = new LinkedHashSet<>();

    /** The logical clock: the greatest known number. */
    private long last;

    /** The sum of the hashes of all contributions. */
    private long hash;

    /** For tombstones of this node's writers, the number of consecutive sweeps that found no entry for them. */
    private Map<LamportTimestamp, Integer> idle = Map.of();

    /**
     * The content of a group.
     *
     * @param first the timestamp of its earliest entry
     * @param topics its topics in the order of their timestamps; immutable
     */
    record Content(LamportTimestamp first, Set<String> topics) {}

    /**
     * The initial state of a writer.
     *
     * @param node the node of the writer
     * @param self the id of the writer
     */
    Contributions(NodeId node, long self) {
        this.node = node;
        this.self = self;
    }

    private Map<Long, Contribution> of(String group) {
        return groups.getOrDefault(group, Map.of());
    }

    private @Nullable Contribution known(long writer, String group) {
        return known.get(Contribution.key(writer, group));
    }

    private void put(Contribution next) {
        String key = next.key();
        last = Math.max(last, next.version());
        drop(key);
        known.put(key, next);
        hash += hash(next);
        if (next.isEmpty()) {
            empty.add(key);
            if (empty.size() > MAX_EMPTY) {
                drop(empty.getFirst());
            }
        } else {
            groups.computeIfAbsent(next.group(), _ -> new HashMap<>(2)).put(next.writer(), next);
        }
    }

    private void drop(String key) {
        Contribution former = known.remove(key);
        if (former == null) {
            return;
        }
        hash -= hash(former);
        empty.remove(key);
        Map<Long, Contribution> rest = groups.get(former.group());
        if (rest != null) {
            rest.remove(former.writer());
            if (rest.isEmpty()) {
                groups.remove(former.group());
            }
        }
    }

    /** The hash of a contribution; 0 for an empty one, which other nodes need not have. */
    static long hash(Contribution contribution) {
        return contribution.isEmpty() ? 0 : EntryHash.of(contribution.key(), contribution.version());
    }

    /** A hash that is equal for writers that know the same contributions, apart from empty ones. */
    long hash() {
        return hash;
    }

    /** All contributions, including empty ones, in the order of their keys. */
    Collection<Contribution> all() {
        return List.copyOf(known.values());
    }

    /** The nodes of the writers. */
    Set<NodeId> nodes() {
        return known.values().stream().map(Contribution::node).collect(Collectors.toSet());
    }

    /**
     * Merges a contribution of another writer, and removes own entries for which it has tombstones.
     *
     * @param own receives the own contribution, if it changed
     * @return false if it was known
     */
    boolean merge(Contribution other, Collection<? super Contribution> own) {
        Contribution former = known(other.writer(), other.group());
        if (former != null && former.version() >= other.version()) {
            return false;
        }
        put(other);
        // At once, since the tombstones may be removed with their writer.
        own(other.group()).put().ifPresent(own::add);
        return true;
    }

    /**
     * Replaces an own contribution that came from another node and is not known here: it was empty for long, and forgotten here but not
     * everywhere. Returns a newer own contribution; empty if the received one is known.
     */
    Optional<Contribution> refute(Contribution mine) {
        Contribution former = known(self, mine.group());
        if (former != null && former.version() >= mine.version()) {
            return Optional.empty();
        }
        last = Math.max(last, mine.version());
        Contribution next = own(mine.group()).build();
        put(next);
        return Optional.of(next);
    }

    /** Forgets the contributions of a node's writers; returns the names of their groups. */
    Set<String> forget(NodeId former) {
        List<Contribution> all = known.values().stream()
                .filter(each -> each.node().equals(former))
                .toList();
        all.forEach(each -> drop(each.key()));
        return all.stream().map(Contribution::group).collect(Collectors.toSet());
    }

    /** The content of a group; empty if there is no group of that name. */
    Optional<Content> content(String group) {
        Collection<Contribution> all = of(group).values();
        Set<LamportTimestamp> removed = removed(all);
        if (removed.isEmpty() && all.size() == 1) {
            Contribution only = all.iterator().next();
            return only.numbers().limit(2).min().stream()
                    .mapToObj(first ->
                            new Content(only.timestamp(first), only.topics().keySet()))
                    .findFirst();
        }
        TreeMap<LamportTimestamp, String> topics = new TreeMap<>();
        List<LamportTimestamp> created = new ArrayList<>();
        for (Contribution each : all) {
            each.created().ifPresent(number -> created.add(each.timestamp(number)));
            each.topics().forEach((topic, number) -> topics.put(each.timestamp(number), topic));
        }
        created.removeIf(removed::contains);
        topics.keySet().removeIf(removed::contains);
        return Stream.concat(created.stream(), topics.keySet().stream().limit(1))
                .min(LamportTimestamp::compareTo)
                .map(first -> new Content(first, Collections.unmodifiableSet(new LinkedHashSet<>(topics.values()))));
    }

    private static Set<LamportTimestamp> removed(Collection<Contribution> all) {
        Set<LamportTimestamp> removed = new HashSet<>();
        all.forEach(each -> removed.addAll(each.removed()));
        return removed;
    }

    /** Whether this writer has created the group. */
    boolean created(String group) {
        Contribution own = of(group).get(self);
        return own != null && own.created().isPresent();
    }

    /** Whether writers of this node have tombstones, which are to be swept. */
    boolean hasTombstones() {
        return withTombstones().findAny().isPresent();
    }

    private Stream<Contribution> withTombstones() {
        return groups.values().stream()
                .flatMap(writers -> writers.values().stream())
                .filter(each -> each.node().equals(node) && !each.removed().isEmpty());
    }

    /** Builds the next version of an own contribution. */
    private final class ContributionBuilder {
        final String group;
        OptionalLong created = OptionalLong.empty();
        final Map<String, Long> topics = new LinkedHashMap<>();
        final Set<LamportTimestamp> removed = new HashSet<>();

        ContributionBuilder(String group) {
            this.group = group;
        }

        boolean differs() {
            Contribution own = of(group).get(self);
            return own == null
                    ? created.isPresent() || !topics.isEmpty() || !removed.isEmpty()
                    : !own.created().equals(created)
                            || !own.topics().equals(topics)
                            || !own.removed().equals(removed);
        }

        Contribution build() {
            return new Contribution(node, self, group, ++last, created, topics, removed);
        }

        /**
         * Replaces the former version, if this one differs.
         *
         * @throws GroupException.Full if it is too large for a message to another node; a version that only removes entries never is
         */
        Optional<Contribution> put() {
            if (!differs()) {
                return Optional.empty();
            }
            Contribution next = build();
            checkSize(next);
            Contributions.this.put(next);
            return Optional.of(next);
        }
    }

    private static void checkSize(Contribution next) {
        // A smaller number of entries need not be measured.
        if (next.topics().size() + next.removed().size() > MAX_BYTES / ContributionFormat.MAX_ENTRY_BYTES) {
            long bytes = ContributionFormat.bytes(next);
            if (bytes > MAX_BYTES) {
                throw new GroupException.Full(next.group(), MAX_BYTES, bytes);
            }
        }
    }

    /** A builder with this writer's contribution, without the entries for which others have tombstones. */
    private ContributionBuilder own(String group) {
        ContributionBuilder builder = new ContributionBuilder(group);
        Contribution own = of(group).get(self);
        if (own != null) {
            builder.created = own.created();
            builder.topics.putAll(own.topics());
            builder.removed.addAll(own.removed());
            Set<Long> taken = of(group).values().stream()
                    .flatMap(each -> each.removed().stream())
                    .filter(timestamp -> timestamp.writer() == self)
                    .map(LamportTimestamp::number)
                    .collect(Collectors.toSet());
            if (!taken.isEmpty()) {
                builder.created = own.created().stream()
                        .filter(number -> !taken.contains(number))
                        .findFirst();
                builder.topics.values().removeIf(taken::contains);
                if (builder.created.isEmpty() && !builder.topics.isEmpty()) {
                    // A topic was added while another writer deleted the group: the group stays, even if it becomes
                    // empty.
                    builder.created = OptionalLong.of(++last);
                }
            }
        }
        return builder;
    }

    /**
     * Creates a group, unless this writer did, and adds topics.
     *
     * @return the new own contribution, if it changed
     * @throws GroupException.Full if it would exceed {@link #MAX_BYTES}; nothing is changed then
     */
    Optional<Contribution> add(String group, Collection<String> topics) {
        Contribution own = of(group).get(self);
        if (own != null && own.created().isPresent() && own.topics().keySet().containsAll(topics)) {
            return Optional.empty();
        }
        ContributionBuilder builder = own(group);
        if (builder.created.isEmpty()) {
            builder.created = OptionalLong.of(++last);
        }
        for (String topic : topics) {
            builder.topics.computeIfAbsent(topic, _ -> ++last);
        }
        return builder.put();
    }

    /** Removes topics of all writers. As {@link #add}. */
    Optional<Contribution> remove(String group, Collection<String> topics) {
        ContributionBuilder builder = own(group);
        topics.forEach(builder.topics::remove);
        for (Contribution other : others(group)) {
            topics.stream()
                    .map(other.topics()::get)
                    .filter(number -> number != null)
                    .forEach(number -> builder.removed.add(other.timestamp(number)));
        }
        return builder.put();
    }

    /** Removes all entries of a group. As {@link #add}. */
    Optional<Contribution> delete(String group) {
        ContributionBuilder builder = own(group);
        builder.created = OptionalLong.empty();
        builder.topics.clear();
        for (Contribution other : others(group)) {
            other.numbers().forEach(number -> builder.removed.add(other.timestamp(number)));
        }
        return builder.put();
    }

    private List<Contribution> others(String group) {
        return of(group).values().stream().filter(each -> each.writer() != self).toList();
    }

    private Set<Long> numbers(long writer, String group) {
        Contribution of = of(group).get(writer);
        return of == null ? Set.of() : of.numbers().boxed().collect(Collectors.toSet());
    }

    /**
     * Removes tombstones of this writer that have had no entry for some sweeps. Not at once: another node may receive the version without
     * the tombstone before the version without the entry. It also clears contributions of this node's ended writers, if that holds for all
     * of their tombstones.
     *
     * @param writers the writers of this node that have not ended
     * @return the contributions that changed
     */
    List<Contribution> sweep(Set<Long> writers) {
        Map<LamportTimestamp, Integer> next = new HashMap<>();
        List<Contribution> changed = new ArrayList<>();
        for (Contribution own : own()) {
            Set<LamportTimestamp> expired = expired(own, next);
            if (!expired.isEmpty()) {
                ContributionBuilder builder = own(own.group());
                builder.removed.removeAll(expired);
                builder.put().ifPresent(changed::add);
            }
        }
        List<Contribution> ended = withTombstones()
                .filter(each -> !writers.contains(each.writer()))
                .toList();
        for (Contribution each : ended) {
            // All or none of them: each writer of this node must make the same version.
            if (expired(each, next).equals(each.removed())) {
                Contribution last = each.withoutTombstones();
                put(last);
                changed.add(last);
            }
        }
        idle = next;
        return changed;
    }

    /** The tombstones of a contribution that have had no entry for long enough; the others are counted for the next sweep. */
    private Set<LamportTimestamp> expired(Contribution contribution, Map<LamportTimestamp, Integer> next) {
        String group = contribution.group();
        Map<Long, Set<Long>> present = new HashMap<>();
        Set<LamportTimestamp> expired = new HashSet<>();
        for (LamportTimestamp tombstone : contribution.removed()) {
            long of = tombstone.writer();
            if (!present.computeIfAbsent(of, writer -> numbers(writer, group)).contains(tombstone.number())) {
                int count = idle.getOrDefault(tombstone, 0) + 1;
                next.put(tombstone, count);
                if (count >= (known(of, group) == null ? SWEEPS_UNKNOWN : SWEEPS)) {
                    expired.add(tombstone);
                }
            }
        }
        return expired;
    }

    /** All own contributions that are not empty. */
    private List<Contribution> own() {
        return groups.values().stream()
                .map(writers -> writers.get(self))
                .filter(own -> own != null)
                .toList();
    }

    /** Ends this writer: removes its entries, but not its tombstones, which others may not have. Returns the changed contributions. */
    List<Contribution> end() {
        List<Contribution> ended = new ArrayList<>();
        for (Contribution own : own()) {
            ContributionBuilder builder = new ContributionBuilder(own.group());
            builder.removed.addAll(own.removed());
            builder.put().ifPresent(ended::add);
        }
        return ended;
    }
}
