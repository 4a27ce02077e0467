package io.heliodor.group;

import io.heliodor.pubsub.engine.NodeId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * The part of a group that one writer has added, and the entries of other writers that it has removed. Only its writer changes it, or
 * when that has ended, one of the same node; each change is a new version.
 *
 * @param node the node of the writer
 * @param writer the number of the writer, by chance
 * @param group the name of the group
 * @param version greater than all numbers of its stamps and of earlier versions
 * @param created the number of the stamp of the group itself; empty if this writer did not create it
 * @param topics each with the number of its stamp, in the order of those
 * @param removed the stamps of other writers' entries
 */
record Contribution(
        NodeId node,
        long writer,
        String group,
        long version,
        OptionalLong created,
        Map<String, Long> topics,
        Set<LamportTimestamp> removed) {

    /** Takes copies. */
    Contribution {
        topics = Collections.unmodifiableMap(new LinkedHashMap<>(topics));
        removed = Set.copyOf(removed);
    }

    /** Whether it adds and removes nothing. It is known for a while, so that an earlier version that comes late changes nothing. */
    boolean isEmpty() {
        return created.isEmpty() && topics.isEmpty() && removed.isEmpty();
    }

    /** The numbers of the stamps of its entries. */
    LongStream numbers() {
        return LongStream.concat(created.stream(), topics.values().stream().mapToLong(Long::longValue));
    }

    /** The same without its entries, in place of a writer that ended and whose last version did not come. */
    Contribution ended() {
        return new Contribution(node, writer, group, version + 1, OptionalLong.empty(), Map.of(), removed);
    }

    /** The same without its marks, which remove nothing any more; its writer ended. */
    Contribution withoutMarks() {
        return new Contribution(node, writer, group, version + 1, OptionalLong.empty(), Map.of(), Set.of());
    }

    LamportTimestamp stamp(long number) {
        return new LamportTimestamp(number, writer);
    }

    /** Unlike that of any other writer or group. */
    String key() {
        return key(writer, group);
    }

    static String key(long writer, String group) {
        return Long.toUnsignedString(writer, 36) + " " + group;
    }
}
