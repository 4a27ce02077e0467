package io.heliodor.gossip;

import io.heliodor.pubsub.MessageFormat;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares a copy with those of other nodes: first the hashes of both, and if they differ, those of {@value #BUCKETS} parts, into which
 * the keys are divided. Only the entries of parts that differ are exchanged.
 *
 * <p>The first question is the version (byte) and the hash of the copy (long); its answer the version and whether that is another
 * one (byte). The next one is the version, the hashes of the parts (longs), and the key after which entries are missing; its answer the
 * version, the entries, each after its length (int), and at the end 0 (int) if these were all, or -1.
 *
 * @param copy of this node
 * @param format of its entries; an entry has a byte or more
 */
record Comparison<E>(Replica<E> copy, MessageFormat<E> format) {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.gossip");
    private static final int VERSION = 2;
    private static final int END = 0;
    private static final int MORE = -1;

    /** A power of two. */
    private static final int BUCKETS = 64;

    /** An answer has no further entry when it is longer than this. */
    static final int MAX_ANSWER_BYTES = 512 << 10;

    private interface Writing {
        void write(DataOutputStream out) throws IOException;
    }

    private static byte[] written(Writing writing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            DataOutputStream out = new DataOutputStream(bytes);
            out.write(VERSION);
            writing.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static DataInputStream reader(byte[] bytes) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        int version = in.read();
        if (version != VERSION) {
            throw new IOException("It has the version " + version + ".");
        }
        return in;
    }

    /** The first question. */
    byte[] question() {
        return written(out -> out.writeLong(copy.hash()));
    }

    /** Whether the copies differ, by the answer to the first question. */
    static boolean differs(byte[] answer) {
        return answer.length == 2 && answer[0] == VERSION && answer[1] != 0;
    }

    private static int bucket(String key) {
        return (int) EntryHash.of(key, 0) & (BUCKETS - 1);
    }

    /** The hashes of the parts. */
    long[] parts() {
        return parts(copy.after(""));
    }

    private long[] parts(Collection<E> all) {
        long[] parts = new long[BUCKETS];
        for (E entry : all) {
            parts[bucket(copy.key(entry))] += copy.hash(entry);
        }
        return parts;
    }

    /** A question for the entries of parts that differ, after a key; the empty text for all. */
    byte[] question(long[] parts, String after) {
        return written(out -> {
            for (long part : parts) {
                out.writeLong(part);
            }
            out.write(after.getBytes(StandardCharsets.UTF_8));
        });
    }

    /** The answer to a question of either kind. */
    byte[] answer(byte[] question) throws IOException {
        DataInputStream in = reader(question);
        if (in.available() == Long.BYTES) {
            boolean differs = in.readLong() != copy.hash();
            return written(out -> out.writeBoolean(differs));
        }
        long[] theirs = new long[BUCKETS];
        for (int i = 0; i < BUCKETS; i++) {
            theirs[i] = in.readLong();
        }
        String after = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        Collection<E> all = copy.after("");
        long[] own = parts(all);
        return written(out -> {
            for (E entry : all) {
                String key = copy.key(entry);
                int bucket = bucket(key);
                if (own[bucket] == theirs[bucket] || key.compareTo(after) <= 0) {
                    continue;
                }
                if (out.size() > MAX_ANSWER_BYTES) {
                    out.writeInt(MORE);
                    return;
                }
                byte[] bytes = format.write(entry);
                out.writeInt(bytes.length);
                out.write(bytes);
            }
            out.writeInt(END);
        });
    }

    /** Merges the entries of an answer, and returns the key after which there are more. One that cannot be read changes nothing. */
    Optional<String> merge(byte[] answer) {
        List<E> entries = new ArrayList<>();
        try {
            DataInputStream in = reader(answer);
            int next = in.readInt();
            while (next > END) {
                entries.add(entry(in, next));
                next = in.readInt();
            }
            if (next != END && (next != MORE || entries.isEmpty())) {
                throw new IOException("It ends with " + next + " after " + entries.size() + " entries.");
            }
            entries.forEach(copy::merge);
            return next == MORE ? Optional.of(copy.key(entries.getLast())) : Optional.empty();
        } catch (IOException e) {
            LOG.debug("An answer cannot be read.", e);
            return Optional.empty();
        }
    }

    private E entry(DataInputStream in, int length) throws IOException {
        if (length > in.available()) {
            throw new IOException("An entry of " + length + " bytes, but there are " + in.available() + ".");
        }
        return format.read(in.readNBytes(length)).orElseThrow(() -> new IOException("An entry that is none."));
    }
}
