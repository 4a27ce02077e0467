package io.heliodor.group;

import io.heliodor.event.Event;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A named set of topics that are spoken to together. {@link Groups} makes it.
 *
 * <p>It holds topics, not patterns and not clients: who joins one of its topics is reached from then on, who leaves is
 * not. A topic needs no members to be in a group, and may be in several.
 *
 * <p>Once it is deleted, each method but {@link #name()} and {@link #toString()} throws {@link GroupException.Deleted}.
 *
 * <p><b>Threads.</b> Any thread may use it, at the same time as others. What reads takes no lock and sees the topics as
 * they were at one moment; what changes copies them, so many at once are added and removed cheaper with {@link #addAll}
 * and {@link #removeAll} than one after the other.
 */
public final class Group {
    private final String name;
    private final Groups groups;

    /** Of the earliest entry when it was made here: its place among the groups. */
    private final LamportTimestamp first;

    /** In the order in which they were added. Null once the group is deleted. Written by the groups, under their lock. */
    private volatile @Nullable Set<String> topics = Set.of();

    /** Whether this endpoint created it, too. */
    private volatile boolean own;

    Group(String name, Groups groups, LamportTimestamp first) {
        this.name = name;
        this.groups = groups;
        this.first = first;
    }

    /**
     * What it is called.
     *
     * @return the name, also after it was deleted
     */
    public String name() {
        return name;
    }

    /**
     * Adds a topic. Adding one that it has does nothing.
     *
     * @param topic the topic: 1 to 255 bytes of UTF-8 without control characters, no pattern
     * @return this
     * @throws GroupException.Full if it has as many topics as it may have, or those of this endpoint are too many bytes
     * @throws GroupException.Deleted if it was deleted
     * @throws IllegalArgumentException if the topic breaks the rule above
     */
    public Group add(String topic) {
        return addAll(List.of(topic));
    }

    /**
     * Adds topics, in one step: whoever reads sees all of them or none. Those that it has already are no error.
     *
     * @param more topics, as for {@link #add}
     * @return this
     * @throws GroupException.Full if it would have more topics than it may have, or those of this endpoint would be too many bytes; it
     *     has none of them then
     * @throws GroupException.Deleted if it was deleted
     * @throws IllegalArgumentException if one breaks the rule of {@link #add}; none was added then
     */
    public Group addAll(Collection<String> more) {
        groups.add(this, checked(more));
        return this;
    }

    /**
     * Removes a topic. Removing one that it does not have does nothing.
     *
     * @param topic the topic
     * @return this
     * @throws GroupException.Full if this endpoint removed too many topics of others within the last 20 s
     * @throws GroupException.Deleted if it was deleted
     * @throws IllegalArgumentException if it is no topic: a pattern removes nothing
     */
    public Group remove(String topic) {
        return removeAll(List.of(topic));
    }

    /**
     * Removes topics, in one step: whoever reads sees all of them or none. Those that it does not have are no error.
     *
     * @param fewer the topics
     * @return this
     * @throws GroupException.Full as for {@link #remove}; none was removed then
     * @throws GroupException.Deleted if it was deleted
     * @throws IllegalArgumentException if one is no topic; none was removed then
     */
    public Group removeAll(Collection<String> fewer) {
        groups.remove(this, checked(fewer));
        return this;
    }

    /** A copy, so that neither the caller's collection nor a check runs under the lock. */
    private static List<String> checked(Collection<String> asked) {
        List<String> copy = List.copyOf(asked);
        copy.forEach(NameChecks::checkTopic);
        return copy;
    }

    /**
     * Its topics.
     *
     * @return all topics at this moment, in the order in which they were added; immutable
     * @throws GroupException.Deleted if it was deleted
     */
    public Set<String> topics() {
        Set<String> present = topics;
        if (present == null) {
            throw new GroupException.Deleted(name);
        }
        return present;
    }

    /**
     * Sends an event to every member of every topic that the group has now, once for each topic: a client that joined
     * two of them hears it on both. A group without topics reaches nobody.
     *
     * <p>The payload is encoded once. What one thread says on a topic, through groups or otherwise, reaches its members
     * in that order; between topics there is no order. A broadcast under way when the group is changed or deleted goes
     * to the topics that the group had when it began. It waits in the cases of {@link
     * io.heliodor.channel.Channels#broadcast(String, Event, Object)}.
     *
     * @param event what is said
     * @param payload with which payload
     * @param <T> the type of the payload
     * @throws GroupException.Deleted if it was deleted
     * @throws IllegalArgumentException if the payload cannot be written; it reached nobody then
     * @throws IllegalStateException if the endpoint is closed, or the pub/sub that it was given
     */
    public <T> void broadcast(Event<T> event, T payload) {
        groups.broadcast(topics(), event, payload);
    }

    // For the groups.

    LamportTimestamp first() {
        return first;
    }

    boolean isOwn() {
        return own;
    }

    void show(Set<String> all, boolean created) {
        topics = all;
        own = created;
    }

    void end() {
        topics = null;
    }

    /** Its name and how many topics it has; for logs. */
    @Override
    public String toString() {
        Set<String> present = topics;
        return "Group[" + name + ", " + (present == null ? "deleted" : present.size() + " topics") + "]";
    }
}
