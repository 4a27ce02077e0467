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
 * Compares a copy with those of other nodes.
 *
 * <p>A question is the version (byte), the hash of the copy (long), and the key after which entries are missing. An answer is the
 * version (byte), the entries, each after its length (int), and at the end 0 (int) if these were all, or -1.
 *
 * @param copy of this node
 * @param format of its entries; an entry has a byte or more
 */
record Comparison<E>(Copy<E> copy, MessageFormat<E> format) {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.gossip");
    private static final int VERSION = 2;
    private static final int END = 0;
    private static final int MORE = -1;

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

    private static DataInputStream reader(byte[] bytes) {
        return new DataInputStream(new ByteArrayInputStream(bytes));
    }

    /** A question for the entries after a key; the empty text for all. */
    byte[] question(String after) {
        // It is compared before the first part only.
        long hash = after.isEmpty() ? copy.hash() : 0;
        return written(out -> {
            out.write(VERSION);
            out.writeLong(hash);
            out.write(after.getBytes(StandardCharsets.UTF_8));
        });
    }

    /** The entries that a node may lack which asks this. */
    byte[] answer(byte[] question) throws IOException {
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
                for (E entry : copy.after(after)) {
                    if (out.size() > MAX_ANSWER_BYTES) {
                        out.writeInt(MORE);
                        return;
                    }
                    byte[] bytes = format.write(entry);
                    out.writeInt(bytes.length);
                    out.write(bytes);
                }
            }
            out.writeInt(END);
        });
    }

    /** Merges the entries of an answer, and returns the key after which there are more. One that cannot be read changes nothing. */
    Optional<String> merge(byte[] answer) {
        DataInputStream in = reader(answer);
        List<E> entries = new ArrayList<>();
        try {
            if (in.read() != VERSION) {
                throw new IOException("It has another version.");
            }
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
