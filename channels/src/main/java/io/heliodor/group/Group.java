package io.heliodor.group;

import io.heliodor.event.Event;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A named set of topics for common broadcasts, made by {@link Groups}.
 *
 * <p>It contains topics, neither patterns nor clients. A broadcast reaches the clients that are members of its topics at that time. A
 * topic without members may be in a group, and a topic may be in several groups.
 *
 * <p>After the group was deleted, each method except {@link #name()} and {@link #toString()} throws {@link GroupException.Deleted}.
 *
 * <p><b>Threads.</b> Any thread may use it. Reads take no lock and see a consistent snapshot. Changes copy the topics, so
 * {@link #addAll} and {@link #removeAll} cost less than single changes.
 */
public final class Group {
    private final String name;
    private final Groups groups;

    /** The timestamp of its earliest entry when it was made here, which orders the groups. */
    private final LamportTimestamp first;

    /** The topics in the order of their addition. Null after the group was deleted. Written by {@link Groups} under its lock. */
    private volatile @Nullable Set<String> topics = Set.of();

    /** Whether this writer is among its creators. */
    private volatile boolean own;

    Group(String name, Groups groups, LamportTimestamp first) {
        this.name = name;
        this.groups = groups;
        this.first = first;
    }

    /**
     * The name.
     *
     * @return the name, even after the group was deleted
     */
    public String name() {
        return name;
    }

    /**
     * Adds a topic. If the group has it, nothing happens.
     *
     * @param topic the topic: 1 to 255 bytes of UTF-8 without control characters, not a pattern
     * @return this
     * @throws GroupException.Full if the group has the maximum number of topics, or those of this endpoint are too large
     * @throws GroupException.Deleted if the group was deleted
     * @throws IllegalArgumentException if the topic breaks the rule above
     */
    public Group add(String topic) {
        Objects.requireNonNull(topic, "topic");
        return addAll(List.of(topic));
    }

    /**
     * Adds topics atomically. Topics that the group has are ignored.
     *
     * @param more topics, as for {@link #add}
     * @return this
     * @throws GroupException.Full if the group would exceed the maximum number of topics, or those of this endpoint would be too large;
     *     none was added then
     * @throws GroupException.Deleted if the group was deleted
     * @throws IllegalArgumentException if a topic breaks the rule of {@link #add}; none was added then
     */
    public Group addAll(Collection<String> more) {
        Objects.requireNonNull(more, "more");
        groups.add(this, checked(more));
        return this;
    }

    /**
     * Removes a topic. If the group does not have it, nothing happens.
     *
     * @param topic the topic
     * @return this
     * @throws GroupException.Full if this endpoint removed too many topics of others within the last 20 s
     * @throws GroupException.Deleted if the group was deleted
     * @throws IllegalArgumentException if it is not a topic: patterns are not supported
     */
    public Group remove(String topic) {
        Objects.requireNonNull(topic, "topic");
        return removeAll(List.of(topic));
    }

    /**
     * Removes topics atomically. Topics that the group does not have are ignored.
     *
     * @param fewer the topics
     * @return this
     * @throws GroupException.Full as for {@link #remove}; none was removed then
     * @throws GroupException.Deleted if the group was deleted
     * @throws IllegalArgumentException if one is not a topic; none was removed then
     */
    public Group removeAll(Collection<String> fewer) {
        Objects.requireNonNull(fewer, "fewer");
        groups.remove(this, checked(fewer));
        return this;
    }

    /** Checks a copy, so that neither the caller's collection nor the check runs under the lock. */
    private static List<String> checked(Collection<String> asked) {
        List<String> copy = List.copyOf(asked);
        copy.forEach(NameChecks::checkTopic);
        return copy;
    }

    /**
     * The topics.
     *
     * @return the present topics in the order of their addition; immutable
     * @throws GroupException.Deleted if the group was deleted
     */
    public Set<String> topics() {
        Set<String> present = topics;
        if (present == null) {
            throw new GroupException.Deleted(name);
        }
        return present;
    }

    /**
     * Broadcasts an event on all topics of the group. A client that is a member of two topics receives it on both.
     *
     * <p>The payload is encoded once. Broadcasts of one thread on one topic, by groups or otherwise, arrive in order; different topics
     * have no common order. The broadcast goes to the topics that the group has when it begins. It waits in the cases of {@link
     * io.heliodor.channel.Channels#broadcast(String, Event, Object)}.
     *
     * @param event the event
     * @param payload its payload
     * @param <T> the type of the payload
     * @throws GroupException.Deleted if the group was deleted
     * @throws IllegalArgumentException if the payload cannot be encoded; no client got it then
     * @throws IllegalStateException if the endpoint or its pub/sub is closed
     */
    public <T> void broadcast(Event<T> event, T payload) {
        Objects.requireNonNull(event, "event");
        Objects.requireNonNull(payload, "payload");
        groups.broadcast(topics(), event, payload);
    }

    // For Groups.

    LamportTimestamp first() {
        return first;
    }

    boolean isOwn() {
        return own;
    }

    void update(Set<String> all, boolean created) {
        topics = all;
        own = created;
    }

    void end() {
        topics = null;
    }

    /** Its name and number of topics, for logs. */
    @Override
    public String toString() {
        Set<String> present = topics;
        return "Group[" + name + ", " + (present == null ? "deleted" : present.size() + " topics") + "]";
    }
}
