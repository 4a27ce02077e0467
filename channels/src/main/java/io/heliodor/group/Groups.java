package io.heliodor.group;

import io.heliodor.channel.Event;
import io.heliodor.limit.Limits;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Named groups of topics.
 *
 * {@snippet lang="java" :
 * Group staff = endpoint.groups().create("staff").add("room:ops").add("room:support");
 * staff.broadcast(NOTICE, new Notice("disk full"));
 * }
 *
 * <p>Groups are kept in memory, on this node alone: they are neither replicated nor there after a restart. What is
 * broadcast to one goes the way of all broadcasts, to members at each endpoint that shares the pub/sub.
 *
 * <p><b>Bounds.</b> {@link Limits#groups()} says how many groups there may be, {@link Limits#topicsPerGroup()} how many
 * topics each may hold.
 *
 * <p><b>Threads.</b> Any thread may use it, at the same time as others. Nothing here waits but a broadcast, and that
 * only where a thread is far ahead of the network. What reads takes no lock and sees all groups as they were at one
 * moment; what changes copies the names.
 */
public final class Groups {
    private final Broadcaster broadcaster;
    private final Limits limits;
    private final Object lock = new Object();

    /** In the order of creation; replaced under the lock, read without. */
    private volatile Map<String, Group> groups = Map.of();

    private Groups(Broadcaster broadcaster, Limits limits) {
        this.broadcaster = broadcaster;
        this.limits = limits;
    }

    /** Carries what is said in groups. */
    @FunctionalInterface
    public interface Broadcaster {
        /**
         * Sends an event to every member of some topics.
         *
         * <p><b>Threads:</b> that of whoever broadcasts to a group; several at the same time.
         *
         * @param topics the topics, each once; immutable, maybe empty
         * @param event what is said
         * @param payload with which payload
         * @param <T> the type of the payload
         */
        <T> void broadcast(Set<String> topics, Event<T> event, T payload);
    }

    /**
     * Groups that broadcast by what is given; none yet. An endpoint makes its own.
     *
     * @param broadcaster carries what is said in the groups
     * @param limits how many groups and topics there may be
     * @return groups that share nothing with others
     */
    public static Groups over(Broadcaster broadcaster, Limits limits) {
        return new Groups(broadcaster, limits);
    }

    /**
     * Makes a group that has no topics yet.
     *
     * @param name what to call it: 1 to 255 bytes of UTF-8 without control characters
     * @return the new group
     * @throws GroupException.Exists if there is a group of that name; {@link #ensure} does not mind
     * @throws GroupException.TooMany if there are as many groups as there may be
     * @throws IllegalArgumentException if the name breaks the rule above
     */
    public Group create(String name) {
        Names.checkGroup(name);
        synchronized (lock) {
            if (groups.containsKey(name)) {
                throw new GroupException.Exists(name);
            }
            return added(name);
        }
    }

    /**
     * The group of a name, which is made if there is none. Threads that ask at the same time get the same group.
     *
     * @param name what it is called: 1 to 255 bytes of UTF-8 without control characters
     * @return the group, as it is; a new one has no topics
     * @throws GroupException.TooMany if it is missing and there are as many groups as there may be
     * @throws IllegalArgumentException if the name breaks the rule above
     */
    public Group ensure(String name) {
        Names.checkGroup(name);
        Group known = groups.get(name);
        if (known != null) {
            return known;
        }
        synchronized (lock) {
            Group meanwhile = groups.get(name);
            return meanwhile != null ? meanwhile : added(name);
        }
    }

    private Group added(String name) {
        if (groups.size() >= limits.groups()) {
            throw new GroupException.TooMany(name, limits.groups());
        }
        Group group = new Group(name, broadcaster, limits.topicsPerGroup());
        Map<String, Group> next = new LinkedHashMap<>(groups);
        next.put(name, group);
        groups = Collections.unmodifiableMap(next);
        return group;
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
     * Deletes a group. Its topics and their members live on; whoever still holds the {@link Group} is refused with
     * {@link GroupException.Deleted}. The name is free again, for another group.
     *
     * @param name what it is called
     * @return whether there was one
     */
    public boolean delete(String name) {
        synchronized (lock) {
            Map<String, Group> next = new LinkedHashMap<>(groups);
            Group group = next.remove(name);
            if (group == null) {
                return false;
            }
            groups = Collections.unmodifiableMap(next);
            group.end();
            return true;
        }
    }

    /**
     * What the groups are called.
     *
     * @return all names at this moment, in the order of their creation; immutable
     */
    public Set<String> names() {
        return groups.keySet();
    }
}
