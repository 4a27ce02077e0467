package io.heliodor.group;

import io.heliodor.pubsub.engine.NodeId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * The entries that one writer has added to a group, and the entries of other writers that it has removed. Only its writer changes it, or
 * another writer of the same node after its end. Each change makes a new version.
 *
 * @param node the node of the writer
 * @param writer the id of the writer, a random number
 * @param group the name of the group
 * @param version greater than all numbers of its timestamps and than its earlier versions
 * @param created the number of the timestamp of the group itself; empty if this writer did not create it
 * @param topics the added topics with the numbers of their timestamps, in the order of these
 * @param removed the timestamps of the removed entries (tombstones)
 */
record Contribution(
        NodeId node,
        long writer,
        String group,
        long version,
        OptionalLong created,
        Map<String, Long> topics,
        Set<LamportTimestamp> removed) {

    /** Copies the collections. */
    Contribution {
        topics = Collections.unmodifiableMap(new LinkedHashMap<>(topics));
        removed = Set.copyOf(removed);
    }

    /** Whether it adds and removes nothing. It is kept for a while, so that a late earlier version has no effect. */
    boolean isEmpty() {
        return created.isEmpty() && topics.isEmpty() && removed.isEmpty();
    }

    /** The numbers of the timestamps of its entries. */
    LongStream numbers() {
        return LongStream.concat(created.stream(), topics.values().stream().mapToLong(Long::longValue));
    }

    /** The next version without entries, on behalf of a writer that ended and whose last version is missing. */
    Contribution ended() {
        return new Contribution(node, writer, group, version + 1, OptionalLong.empty(), Map.of(), removed);
    }

    /** The next version without tombstones, which have no effect any more, on behalf of a writer that ended. */
    Contribution withoutTombstones() {
        return new Contribution(node, writer, group, version + 1, OptionalLong.empty(), Map.of(), Set.of());
    }

    LamportTimestamp timestamp(long number) {
        return new LamportTimestamp(number, writer);
    }

    /** A key that is unique for the writer and the group. */
    String key() {
        return key(writer, group);
    }

    static String key(long writer, String group) {
        return Long.toUnsignedString(writer, 36) + " " + group;
    }
}
