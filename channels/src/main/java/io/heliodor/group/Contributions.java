package io.heliodor.group;

import io.heliodor.pubsub.NodeId;
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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The groups of a cluster as one writer knows them: a contribution of each writer to each group. A group has the entries of all
 * contributions, without those that one of them has removed. A removed entry stays removed until its own writer has taken it back,
 * so no other writer ever changes a contribution. See {@code docs/design/groups.md}.
 *
 * <p>Not for several threads. It has no clock.
 */
final class Contributions {
    /** So many contributions that have become empty are known; the oldest are forgotten first. */
    private static final int MAX_EMPTY = 10_000;

    private final NodeId node;
    private final long self;

    /** By group, then by writer. None is empty. */
    private final Map<String, Map<Long, Contribution>> contributions = new HashMap<>();

    /** Those that have become empty, by their keys, the oldest first. */
    private final LinkedHashMap<String, Contribution> empty = new LinkedHashMap<>();

    /** The greatest number that is known. */
    private long last;

    /** Own marks that had no more to remove at the last {@link #sweep}. */
    private Set<Stamp> done = Set.of();

    /**
     * A group.
     *
     * @param first the stamp of its earliest entry
     * @param topics in the order of their stamps; immutable
     */
    record Content(Stamp first, Set<String> topics) {}

    Contributions(NodeId node, long self) {
        this.node = node;
        this.self = self;
    }

    private Map<Long, Contribution> of(String group) {
        return contributions.getOrDefault(group, Map.of());
    }

    private @Nullable Contribution known(long writer, String group) {
        Contribution known = of(group).get(writer);
        return known != null ? known : empty.get(Contribution.key(writer, group));
    }

    private void put(Contribution next) {
        last = Math.max(last, next.version());
        if (!next.isEmpty()) {
            empty.remove(next.key());
            contributions.computeIfAbsent(next.group(), _ -> new HashMap<>(2)).put(next.writer(), next);
            return;
        }
        remove(next.writer(), next.group());
        empty.remove(next.key());
        empty.put(next.key(), next);
        if (empty.size() > MAX_EMPTY) {
            empty.pollFirstEntry();
        }
    }

    private void remove(long writer, String group) {
        Map<Long, Contribution> rest = contributions.get(group);
        if (rest != null) {
            rest.remove(writer);
            if (rest.isEmpty()) {
                contributions.remove(group);
            }
        }
    }

    /**
     * Merges a contribution of another writer.
     *
     * @return whether it was not known; {@link #settle} may have something to do then
     */
    boolean merge(Contribution other) {
        Contribution known = known(other.writer(), other.group());
        if (known != null && known.version() >= other.version()) {
            return false;
        }
        put(other);
        return true;
    }

    /**
     * Answers an own contribution that came from another node: it was empty for long and is forgotten here, but not everywhere. The own
     * contribution that is newer, if this one is not known.
     */
    Optional<Contribution> refute(Contribution mine) {
        Contribution known = known(self, mine.group());
        if (known != null && known.version() >= mine.version()) {
            return Optional.empty();
        }
        last = Math.max(last, mine.version());
        Contribution next = own(mine.group()).next();
        put(next);
        return Optional.of(next);
    }

    /** Forgets what was contributed on a node; the groups that it was for. */
    Set<String> forget(NodeId former) {
        empty.values().removeIf(each -> each.node().equals(former));
        Set<String> changed = new HashSet<>();
        for (Contribution each : all()) {
            if (each.node().equals(former)) {
                remove(each.writer(), each.group());
                changed.add(each.group());
            }
        }
        return changed;
    }

    private List<Contribution> all() {
        return contributions.values().stream()
                .flatMap(group -> group.values().stream())
                .toList();
    }

    /** The group of a name, if there is one. */
    Optional<Content> content(String group) {
        Collection<Contribution> all = of(group).values();
        Set<Stamp> removed = removed(all);
        if (removed.isEmpty() && all.size() == 1) {
            Contribution only = all.iterator().next();
            return first(only).map(first -> new Content(first, only.topics().keySet()));
        }
        TreeMap<Stamp, String> topics = new TreeMap<>();
        List<Stamp> created = new ArrayList<>();
        for (Contribution each : all) {
            each.created().ifPresent(number -> created.add(each.stamp(number)));
            each.topics().forEach((topic, number) -> topics.put(each.stamp(number), topic));
        }
        created.removeIf(removed::contains);
        topics.keySet().removeAll(removed);
        return Stream.concat(created.stream(), topics.keySet().stream().limit(1))
                .min(Stamp::compareTo)
                .map(first -> new Content(first, Collections.unmodifiableSet(new LinkedHashSet<>(topics.values()))));
    }

    private static Set<Stamp> removed(Collection<Contribution> all) {
        Set<Stamp> removed = new HashSet<>();
        all.forEach(each -> removed.addAll(each.removed()));
        return removed;
    }

    private static Optional<Stamp> first(Contribution only) {
        return Stream.concat(
                        only.created().stream().boxed(),
                        only.topics().values().stream().limit(1))
                .min(Long::compare)
                .map(only::stamp);
    }

    /** Whether the group is among those that this writer created. */
    boolean created(String group) {
        Contribution own = of(group).get(self);
        return own != null && own.created().isPresent();
    }

    /** The next version of an own contribution, while it is made. */
    private final class Draft {
        final String group;
        OptionalLong created = OptionalLong.empty();
        final Map<String, Long> topics = new LinkedHashMap<>();
        final Set<Stamp> removed = new HashSet<>();

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

        /** Puts it in place of the former one, if it differs. */
        Optional<Contribution> put() {
            if (!differs()) {
                return Optional.empty();
            }
            Contribution next = next();
            Contributions.this.put(next);
            return Optional.of(next);
        }
    }

    /** This writer's contribution without the entries that others have removed. */
    private Draft own(String group) {
        Draft draft = new Draft(group);
        Contribution own = of(group).get(self);
        if (own != null) {
            Set<Stamp> removed = removed(of(group).values());
            own.created().ifPresent(number -> {
                if (!removed.contains(own.stamp(number))) {
                    draft.created = own.created();
                }
            });
            own.topics().forEach((topic, number) -> {
                if (!removed.contains(own.stamp(number))) {
                    draft.topics.put(topic, number);
                }
            });
            draft.removed.addAll(own.removed());
        }
        return draft;
    }

    /** Creates a group, unless this writer did, and adds topics. The new own contribution, if it changed. */
    Optional<Contribution> add(String group, Collection<String> topics) {
        Contribution own = of(group).get(self);
        if (own != null
                && own.created().isPresent()
                && own.topics().keySet().containsAll(topics)
                && !unsettled(group)) {
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

    /** Removes topics, whoever added them. The new own contribution, if it changed. */
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

    /** Removes all that a group has, whoever added it. The new own contribution, if it changed. */
    Optional<Contribution> delete(String group) {
        Draft draft = own(group);
        draft.created = OptionalLong.empty();
        draft.topics.clear();
        for (Contribution other : others(group)) {
            other.created().ifPresent(number -> draft.removed.add(other.stamp(number)));
            other.topics().values().forEach(number -> draft.removed.add(other.stamp(number)));
        }
        return draft.put();
    }

    private List<Contribution> others(String group) {
        return of(group).values().stream().filter(each -> each.writer() != self).toList();
    }

    /** Takes back own entries that others have removed. The new own contribution, if it changed. */
    Optional<Contribution> settle(String group) {
        return own(group).put();
    }

    /** Whether {@link #settle} has something to do. */
    boolean unsettled(String group) {
        Contribution own = of(group).get(self);
        return own != null
                && others(group).stream()
                        .flatMap(other -> other.removed().stream())
                        .anyMatch(stamp -> stamp.writer() == self && own.has(stamp.number()));
    }

    /**
     * Drops the marks of this writer that had no more to remove at the last sweep and have none now. Not at once: the contribution
     * without the entry may reach another node after the one without the mark. The own contributions that changed.
     */
    List<Contribution> sweep() {
        Set<Stamp> over = new HashSet<>();
        List<Contribution> changed = new ArrayList<>();
        for (Contribution own : all()) {
            if (own.writer() == self && !own.removed().isEmpty()) {
                Draft draft = own(own.group());
                for (Stamp mark : own.removed()) {
                    Contribution target = of(own.group()).get(mark.writer());
                    if (target == null || !target.has(mark.number())) {
                        over.add(mark);
                        if (done.contains(mark)) {
                            draft.removed.remove(mark);
                        }
                    }
                }
                draft.put().ifPresent(changed::add);
            }
        }
        done = over;
        return changed;
    }

    /** All own contributions. */
    List<Contribution> own() {
        return all().stream().filter(each -> each.writer() == self).toList();
    }

    /** An own contribution as it is for others when this writer ends. */
    Contribution ended(Contribution own) {
        return new Draft(own.group()).next();
    }

    /** The contributions with greater keys, also the empty ones, in the order of their keys. */
    Collection<Contribution> after(String key) {
        TreeMap<String, Contribution> after = new TreeMap<>();
        Stream.concat(all().stream(), empty.values().stream())
                .filter(each -> each.key().compareTo(key) > 0)
                .forEach(each -> after.put(each.key(), each));
        return after.values();
    }

    /** The same for writers that know the same contributions, but for empty ones. */
    long hash() {
        long hash = 0;
        for (Contribution each : all()) {
            // Mixed before they are added, so that two contributions with exchanged versions differ.
            hash += (each.key().hashCode() * 0x9e3779b97f4a7c15L ^ each.version()) * 0xbf58476d1ce4e5b9L;
        }
        return hash;
    }
}
