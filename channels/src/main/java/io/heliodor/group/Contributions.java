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
 * The groups of a cluster as one writer knows them: a contribution of each writer to each group. A group has the entries of all
 * contributions, without those that one of them has removed. A removed entry stays removed until its own writer has taken it back,
 * so each writer changes its own contributions alone; those of one that ended are cleared by the others of its node. See
 * {@code docs/design/groups.md}.
 *
 * <p>Not for several threads. It has no clock.
 */
final class Contributions {
    /** So many contributions that have become empty are known; the oldest are forgotten first. */
    private static final int MAX_EMPTY = 10_000;

    /**
     * The bytes of the topics and marks of a contribution: as the last one of an answer of the gossip it follows 512 KiB of others, and
     * messages between nodes have 4 MiB.
     */
    static final int MAX_BYTES = 3 << 20;

    /** So many sweeps a mark outlives its entry. */
    private static final int SWEEPS = 2;

    /** So many sweeps a mark is kept whose writer is not known: its node may come back, with the entry. */
    private static final int SWEEPS_UNKNOWN = 30;

    private final NodeId node;
    private final long self;

    /** By key, also the empty ones. */
    private final TreeMap<String, Contribution> known = new TreeMap<>();

    /** Those that are not empty by group, then by writer. */
    private final Map<String, Map<Long, Contribution>> groups = new HashMap<>();

    /** The keys of the empty ones, the oldest first. */
    private final LinkedHashSet<String> empty = new LinkedHashSet<>();

    /** The greatest number that is known. */
    private long last;

    /** The sum of the hashes. */
    private long hash;

    /** How many sweeps in a row found nothing that a mark removes, of marks that were made on this node. */
    private Map<LamportTimestamp, Integer> idle = Map.of();

    /**
     * A group.
     *
     * @param first the stamp of its earliest entry
     * @param topics in the order of their stamps; immutable
     */
    record Content(LamportTimestamp first, Set<String> topics) {}

    /**
     * The contributions of one writer, none yet.
     *
     * @param node the node of the writer
     * @param self the writer
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

    /** Of a contribution that others must have; 0 for an empty one. */
    static long hash(Contribution contribution) {
        return contribution.isEmpty() ? 0 : EntryHash.of(contribution.key(), contribution.version());
    }

    /** The same for writers that know the same contributions, but for empty ones. */
    long hash() {
        return hash;
    }

    /** The contributions with greater keys, also the empty ones, in the order of their keys. */
    Collection<Contribution> after(String key) {
        return List.copyOf(known.tailMap(key, false).values());
    }

    /** The nodes of the writers. */
    Set<NodeId> nodes() {
        return known.values().stream().map(Contribution::node).collect(Collectors.toSet());
    }

    /**
     * Merges a contribution of another writer, and takes back own entries that it has removed.
     *
     * @param own gets the own contribution, if it changed
     * @return whether it was not known
     */
    boolean merge(Contribution other, Collection<? super Contribution> own) {
        Contribution former = known(other.writer(), other.group());
        if (former != null && former.version() >= other.version()) {
            return false;
        }
        put(other);
        // At once: the marks may go with their writer.
        own(other.group()).put().ifPresent(own::add);
        return true;
    }

    /**
     * Answers an own contribution that came from another node: it was empty for long and is forgotten here, but not everywhere. The own
     * contribution that is newer, if this one is not known.
     */
    Optional<Contribution> refute(Contribution mine) {
        Contribution former = known(self, mine.group());
        if (former != null && former.version() >= mine.version()) {
            return Optional.empty();
        }
        last = Math.max(last, mine.version());
        Contribution next = own(mine.group()).next();
        put(next);
        return Optional.of(next);
    }

    /** Forgets what was contributed on a node; the groups that it was for. */
    Set<String> forget(NodeId former) {
        List<Contribution> all = known.values().stream()
                .filter(each -> each.node().equals(former))
                .toList();
        all.forEach(each -> drop(each.key()));
        return all.stream().map(Contribution::group).collect(Collectors.toSet());
    }

    /** The group of a name, if there is one. */
    Optional<Content> content(String group) {
        Collection<Contribution> all = of(group).values();
        Set<LamportTimestamp> removed = removed(all);
        if (removed.isEmpty() && all.size() == 1) {
            Contribution only = all.iterator().next();
            return only.numbers().limit(2).min().stream()
                    .mapToObj(first ->
                            new Content(only.stamp(first), only.topics().keySet()))
                    .findFirst();
        }
        TreeMap<LamportTimestamp, String> topics = new TreeMap<>();
        List<LamportTimestamp> created = new ArrayList<>();
        for (Contribution each : all) {
            each.created().ifPresent(number -> created.add(each.stamp(number)));
            each.topics().forEach((topic, number) -> topics.put(each.stamp(number), topic));
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

    /** Whether the group is among those that this writer created. */
    boolean created(String group) {
        Contribution own = of(group).get(self);
        return own != null && own.created().isPresent();
    }

    /** Whether writers of this node have marks, which are to be swept. */
    boolean hasMarks() {
        return marked().findAny().isPresent();
    }

    private Stream<Contribution> marked() {
        return groups.values().stream()
                .flatMap(writers -> writers.values().stream())
                .filter(each -> each.node().equals(node) && !each.removed().isEmpty());
    }

    /** The next version of an own contribution, while it is made. */
    private final class Draft {
        final String group;
        OptionalLong created = OptionalLong.empty();
        final Map<String, Long> topics = new LinkedHashMap<>();
        final Set<LamportTimestamp> removed = new HashSet<>();

        Draft(String group) {
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

        Contribution next() {
            return new Contribution(node, self, group, ++last, created, topics, removed);
        }

        /**
         * Puts it in place of the former one, if it differs.
         *
         * @throws GroupException.Full if it does not fit a message to another node; one that is smaller than the former one does
         */
        Optional<Contribution> put() {
            if (!differs()) {
                return Optional.empty();
            }
            Contribution next = next();
            checkSize(next);
            Contributions.this.put(next);
            return Optional.of(next);
        }
    }

    private static void checkSize(Contribution next) {
        // Fewer need not be measured.
        if (next.topics().size() + next.removed().size() > MAX_BYTES / ContributionFormat.MAX_ENTRY) {
            long bytes = ContributionFormat.bytes(next);
            if (bytes > MAX_BYTES) {
                throw new GroupException.Full(next.group(), MAX_BYTES, bytes);
            }
        }
    }

    /** This writer's contribution without the entries that others have removed. */
    private Draft own(String group) {
        Draft draft = new Draft(group);
        Contribution own = of(group).get(self);
        if (own != null) {
            draft.created = own.created();
            draft.topics.putAll(own.topics());
            draft.removed.addAll(own.removed());
            Set<Long> taken = of(group).values().stream()
                    .flatMap(each -> each.removed().stream())
                    .filter(stamp -> stamp.writer() == self)
                    .map(LamportTimestamp::number)
                    .collect(Collectors.toSet());
            if (!taken.isEmpty()) {
                draft.created = own.created().stream()
                        .filter(number -> !taken.contains(number))
                        .findFirst();
                draft.topics.values().removeIf(taken::contains);
                if (draft.created.isEmpty() && !draft.topics.isEmpty()) {
                    // Added while another one deleted the group: it lives on, also without topics.
                    draft.created = OptionalLong.of(++last);
                }
            }
        }
        return draft;
    }

    /**
     * Creates a group, unless this writer did, and adds topics.
     *
     * @return the new own contribution, if it changed
     * @throws GroupException.Full if it would have more than {@link #MAX_BYTES}; then nothing is changed
     */
    Optional<Contribution> add(String group, Collection<String> topics) {
        Contribution own = of(group).get(self);
        if (own != null && own.created().isPresent() && own.topics().keySet().containsAll(topics)) {
            return Optional.empty();
        }
        Draft draft = own(group);
        if (draft.created.isEmpty()) {
            draft.created = OptionalLong.of(++last);
        }
        for (String topic : topics) {
            draft.topics.computeIfAbsent(topic, _ -> ++last);
        }
        return draft.put();
    }

    /** Removes topics, whoever added them. As {@link #add}. */
    Optional<Contribution> remove(String group, Collection<String> topics) {
        Draft draft = own(group);
        topics.forEach(draft.topics::remove);
        for (Contribution other : others(group)) {
            topics.stream()
                    .map(other.topics()::get)
                    .filter(number -> number != null)
                    .forEach(number -> draft.removed.add(other.stamp(number)));
        }
        return draft.put();
    }

    /** Removes all that a group has, whoever added it. As {@link #add}. */
    Optional<Contribution> delete(String group) {
        Draft draft = own(group);
        draft.created = OptionalLong.empty();
        draft.topics.clear();
        for (Contribution other : others(group)) {
            other.numbers().forEach(number -> draft.removed.add(other.stamp(number)));
        }
        return draft.put();
    }

    private List<Contribution> others(String group) {
        return of(group).values().stream().filter(each -> each.writer() != self).toList();
    }

    /** The marks of those given that remove nothing now. */
    private Set<LamportTimestamp> idle(String group, Set<LamportTimestamp> marks, boolean unknown) {
        Map<Long, Set<Long>> present = new HashMap<>();
        Set<LamportTimestamp> idle = new HashSet<>();
        for (LamportTimestamp mark : marks) {
            if ((known(mark.writer(), group) == null) == unknown
                    && !present.computeIfAbsent(mark.writer(), writer -> numbers(writer, group))
                            .contains(mark.number())) {
                idle.add(mark);
            }
        }
        return idle;
    }

    private Set<Long> numbers(long writer, String group) {
        Contribution of = of(group).get(writer);
        return of == null ? Set.of() : of.numbers().boxed().collect(Collectors.toSet());
    }

    /**
     * Drops marks of this writer that have removed nothing for some sweeps. Not at once: the contribution without the entry may reach
     * another node after the one without the mark. And contributions of writers of this node that ended, when that is so of all
     * their marks.
     *
     * @param writers those of this node that have not ended
     * @return the contributions that changed
     */
    List<Contribution> sweep(Set<Long> writers) {
        Map<LamportTimestamp, Integer> next = new HashMap<>();
        List<Contribution> changed = new ArrayList<>();
        for (Contribution own : own()) {
            Set<LamportTimestamp> over = over(own, next);
            if (!over.isEmpty()) {
                Draft draft = own(own.group());
                draft.removed.removeAll(over);
                draft.put().ifPresent(changed::add);
            }
        }
        List<Contribution> ended =
                marked().filter(each -> !writers.contains(each.writer())).toList();
        for (Contribution each : ended) {
            // Not a part of them: each writer of this node that does it must write the same.
            if (over(each, next).equals(each.removed())) {
                Contribution last = each.withoutMarks();
                put(last);
                changed.add(last);
            }
        }
        idle = next;
        return changed;
    }

    /** The marks of a contribution that have removed nothing for long enough; the others are counted for the next sweep. */
    private Set<LamportTimestamp> over(Contribution contribution, Map<LamportTimestamp, Integer> next) {
        Set<LamportTimestamp> over = new HashSet<>();
        for (boolean unknown : new boolean[] {false, true}) {
            for (LamportTimestamp mark : idle(contribution.group(), contribution.removed(), unknown)) {
                int count = idle.getOrDefault(mark, 0) + 1;
                next.put(mark, count);
                if (count >= (unknown ? SWEEPS_UNKNOWN : SWEEPS)) {
                    over.add(mark);
                }
            }
        }
        return over;
    }

    /** All own contributions that are not empty. */
    private List<Contribution> own() {
        return groups.values().stream()
                .map(writers -> writers.get(self))
                .filter(own -> own != null)
                .toList();
    }

    /** Takes back all entries of this writer, which ends. Its marks stay: others may not have seen them. The own contributions. */
    List<Contribution> end() {
        List<Contribution> ended = new ArrayList<>();
        for (Contribution own : own()) {
            Draft draft = new Draft(own.group());
            draft.removed.addAll(own.removed());
            draft.put().ifPresent(ended::add);
        }
        return ended;
    }
}
