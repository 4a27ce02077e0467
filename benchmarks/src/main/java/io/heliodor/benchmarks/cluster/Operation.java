package io.heliodor.benchmarks.cluster;

import java.util.Locale;

/** The operation of the first node that is measured. */
public enum Operation {
    /** Messages to the second node. */
    UNICAST(true),
    /** A copy of each message to all others: by a process group, or one by one. */
    BROADCAST(true),
    /** Messages on a topic that all others have subscribed to. Heliodor only. */
    PUBLISH(true),
    /** Messages to the whole group of JGroups. JGroups only. */
    MULTICAST(true),
    /** A message to the second node and one back, one at a time. */
    ECHO(false),
    /** A call of a process of the second node, one at a time. Heliodor only. */
    CALL(false),
    /** A ping of the second node, one at a time. Heliodor only. */
    PING(false);

    private final boolean stream;

    Operation(boolean stream) {
        this.stream = stream;
    }

    /**
     * Whether it is a stream of messages, and not one request after the other.
     *
     * @return true if so
     */
    public boolean isStream() {
        return stream;
    }

    /**
     * Whether all others get what is sent, and not the second node alone.
     *
     * @return true if so
     */
    public boolean isForAll() {
        return this == BROADCAST || this == PUBLISH || this == MULTICAST;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
