package io.heliodor.group;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.pubsub.MessageFormat;
import io.heliodor.pubsub.engine.NodeId;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The format of contributions between nodes. It has the version of the format (byte), the node's name and incarnation (long), the writer
 * (long), the group, the version (long), and the number of the group's timestamp or 0 (long). Then come the number of topics (int), each
 * topic with the number of its timestamp (long), the number of tombstones (int), and each tombstone as number and writer (longs).
 * A text is its length in bytes (short) and UTF-8.
 */
final class ContributionFormat implements MessageFormat<Contribution> {
    private static final int VERSION = 1;

    /** The minimum size of a topic with its number. */
    private static final int MIN_TOPIC_BYTES = 3 + Long.BYTES;

    private static final int TIMESTAMP_BYTES = 2 * Long.BYTES;

    /** The maximum size of a topic with its number, and of a tombstone. */
    static final int MAX_ENTRY_BYTES = 2 + 255 + Long.BYTES;

    /** The size of the topics and tombstones of a contribution. The rest is less than 1 KiB. */
    static long bytes(Contribution contribution) {
        long topics = contribution.topics().keySet().stream()
                .mapToLong(topic -> 2 + topic.getBytes(StandardCharsets.UTF_8).length + Long.BYTES)
                .sum();
        return topics + (long) TIMESTAMP_BYTES * contribution.removed().size();
    }

    @Override
    public byte[] write(Contribution contribution) {
        BinaryWriter out = new BinaryWriter(256)
                .put(VERSION)
                .int16Text(contribution.node().name())
                .int64(contribution.node().incarnation())
                .int64(contribution.writer())
                .int16Text(contribution.group())
                .int64(contribution.version())
                .int64(contribution.created().orElse(0))
                .int32(contribution.topics().size());
        contribution.topics().forEach((topic, number) -> out.int16Text(topic).int64(number));
        out.int32(contribution.removed().size());
        contribution.removed().forEach(stamp -> out.int64(stamp.number()).int64(stamp.writer()));
        return out.toBytes();
    }

    @Override
    public Optional<Contribution> read(byte[] bytes) {
        return BinaryReader.decode(bytes, ContributionFormat::read);
    }

    private static Contribution read(BinaryReader in) throws DecodeException {
        in.version(VERSION);
        NodeId node = new NodeId(in.int16Text(), in.int64());
        long writer = in.int64();
        String group = in.int16Text();
        long version = in.int64();
        long created = in.int64();
        Map<String, Long> topics = new LinkedHashMap<>();
        for (int left = in.int32Count(MIN_TOPIC_BYTES); left > 0; left--) {
            topics.put(in.int16Text(), in.int64());
        }
        Set<LamportTimestamp> removed = new HashSet<>();
        for (int left = in.int32Count(TIMESTAMP_BYTES); left > 0; left--) {
            removed.add(new LamportTimestamp(in.int64(), in.int64()));
        }
        in.end();
        OptionalLong existence = created == 0 ? OptionalLong.empty() : OptionalLong.of(created);
        return new Contribution(node, writer, group, version, existence, topics, removed);
    }
}
