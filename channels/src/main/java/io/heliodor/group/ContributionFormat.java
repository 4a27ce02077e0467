package io.heliodor.group;

import io.heliodor.gossip.BinaryWriter;
import io.heliodor.pubsub.MessageFormat;
import io.heliodor.pubsub.engine.NodeId;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
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
        return BinaryWriter.bytes(out -> write(contribution, out));
    }

    private static void write(Contribution contribution, DataOutputStream out) throws IOException {
        out.write(VERSION);
        text(contribution.node().name(), out);
        out.writeLong(contribution.node().incarnation());
        out.writeLong(contribution.writer());
        text(contribution.group(), out);
        out.writeLong(contribution.version());
        out.writeLong(contribution.created().orElse(0));
        out.writeInt(contribution.topics().size());
        for (Map.Entry<String, Long> topic : contribution.topics().entrySet()) {
            text(topic.getKey(), out);
            out.writeLong(topic.getValue());
        }
        out.writeInt(contribution.removed().size());
        for (LamportTimestamp stamp : contribution.removed()) {
            out.writeLong(stamp.number());
            out.writeLong(stamp.writer());
        }
    }

    private static void text(String text, DataOutputStream out) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeShort(bytes.length);
        out.write(bytes);
    }

    @Override
    public Optional<Contribution> read(byte[] bytes) {
        try {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
            return in.read() == VERSION ? Optional.of(read(in)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Contribution read(DataInputStream in) throws IOException {
        NodeId node = new NodeId(text(in), in.readLong());
        long writer = in.readLong();
        String group = text(in);
        long version = in.readLong();
        long created = in.readLong();
        Map<String, Long> topics = new LinkedHashMap<>();
        for (int left = count(in, MIN_TOPIC_BYTES); left > 0; left--) {
            topics.put(text(in), in.readLong());
        }
        Set<LamportTimestamp> removed = new HashSet<>();
        for (int left = count(in, TIMESTAMP_BYTES); left > 0; left--) {
            removed.add(new LamportTimestamp(in.readLong(), in.readLong()));
        }
        if (in.available() > 0) {
            throw new IOException("There are " + in.available() + " trailing bytes.");
        }
        OptionalLong existence = created == 0 ? OptionalLong.empty() : OptionalLong.of(created);
        return new Contribution(node, writer, group, version, existence, topics, removed);
    }

    /** Reads a number of elements, and checks that the remaining bytes can contain them. */
    private static int count(DataInputStream in, int minBytes) throws IOException {
        int count = in.readInt();
        if (count < 0 || count > in.available() / minBytes) {
            throw new IOException(count + " elements do not fit in " + in.available() + " bytes.");
        }
        return count;
    }

    private static String text(DataInputStream in) throws IOException {
        byte[] bytes = new byte[Math.min(in.readUnsignedShort(), in.available() + 1)];
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
