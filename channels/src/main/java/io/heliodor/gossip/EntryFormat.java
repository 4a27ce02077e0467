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
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Entries on their way to other nodes.
 *
 * <p>An entry is the length of its key in bytes (int), the key and the number (long). A question is the version (byte), the hash of
 * the copy (long), and the key after which entries are missing. An answer is the version (byte), the entries, each after a 1
 * (byte), and at the end a 0 if these were all, or a 2.
 */
final class EntryFormat implements MessageFormat<Entry> {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.gossip");
    private static final int VERSION = 1;
    private static final int END = 0;
    private static final int ENTRY = 1;
    private static final int MORE = 2;

    /** An answer has no further entry when it is longer than this. */
    static final int MAX_ANSWER_BYTES = 512 << 10;

    private interface Writing {
        void write(DataOutputStream out) throws IOException;
    }

    private static byte[] written(Writing writing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            writing.write(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void write(Entry entry, DataOutputStream out) throws IOException {
        byte[] key = entry.key().getBytes(StandardCharsets.UTF_8);
        out.writeInt(key.length);
        out.write(key);
        out.writeLong(entry.number());
    }

    private static Entry entry(DataInputStream in) throws IOException {
        byte[] key = new byte[bounded(in.readInt(), in.available())];
        in.readFully(key);
        return new Entry(new String(key, StandardCharsets.UTF_8), in.readLong());
    }

    private static int bounded(int length, int available) throws IOException {
        if (length < 0 || length > available) {
            throw new IOException("A key of " + length + " bytes, but there are " + available + ".");
        }
        return length;
    }

    @Override
    public byte[] write(Entry entry) {
        return written(out -> write(entry, out));
    }

    @Override
    public Optional<Entry> read(byte[] bytes) {
        try {
            return Optional.of(entry(reader(bytes)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static DataInputStream reader(byte[] bytes) {
        return new DataInputStream(new ByteArrayInputStream(bytes));
    }

    static byte[] question(long hash, String after) {
        return written(out -> {
            out.write(VERSION);
            out.writeLong(hash);
            out.write(after.getBytes(StandardCharsets.UTF_8));
        });
    }

    /** The entries that a node may lack which asks this. */
    static byte[] answer(Copy copy, byte[] question) throws IOException {
        DataInputStream in = reader(question);
        int version = in.read();
        if (version != VERSION) {
            throw new IOException("A question of version " + version + ".");
        }
        long hash = in.readLong();
        String after = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        boolean equal = after.isEmpty() && hash == copy.hash();
        return written(out -> {
            out.write(VERSION);
            if (!equal) {
                for (Entry entry : copy.after(after)) {
                    if (out.size() > MAX_ANSWER_BYTES) {
                        out.write(MORE);
                        return;
                    }
                    out.write(ENTRY);
                    write(entry, out);
                }
            }
            out.write(END);
        });
    }

    /** Merges the entries of an answer, and returns the key after which there are more. One that cannot be read changes nothing. */
    static Optional<String> merge(byte[] answer, Copy copy) {
        DataInputStream in = reader(answer);
        List<Entry> entries = new ArrayList<>();
        try {
            int next = in.read() == VERSION ? in.read() : -1;
            while (next == ENTRY) {
                entries.add(entry(in));
                next = in.read();
            }
            if (next != END && (next != MORE || entries.isEmpty())) {
                throw new IOException("It ends with " + next + " after " + entries.size() + " entries.");
            }
            entries.forEach(copy::merge);
            return next == MORE ? Optional.of(entries.getLast().key()) : Optional.empty();
        } catch (IOException e) {
            LOG.debug("An answer cannot be read.", e);
            return Optional.empty();
        }
    }
}
