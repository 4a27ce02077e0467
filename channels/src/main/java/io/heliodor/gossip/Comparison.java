package io.heliodor.gossip;

import io.heliodor.pubsub.MessageFormat;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The comparison of a replica with those of other nodes. It compares their hashes, and if they differ, the hashes of
 * {@value #BUCKETS} buckets of keys. Only the entries of different buckets are sent.
 *
 * <p>The first request is the version (byte) and the hash of the replica (long). Its response is the version and whether the hashes
 * differ (byte). The next request is the version, the hashes of the buckets (longs), and the key after which entries are missing. Its
 * response is the version, the entries, each after its length (int), and 0 (int) if these were all, or else -1.
 *
 * @param replica the replica of this node
 * @param format the format of its entries; an entry has a byte or more
 */
record Comparison<E>(GossipReplica<E> replica, MessageFormat<E> format) {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.gossip");
    private static final int VERSION = 2;
    private static final int END = 0;
    private static final int MORE = -1;

    /** The number of buckets, a power of two. */
    private static final int BUCKETS = 64;

    /** A response ends with the entry that exceeds this. */
    static final int MAX_RESPONSE_BYTES = 512 << 10;

    private static byte[] written(BinaryWriter message) {
        return BinaryWriter.bytes(out -> {
            out.write(VERSION);
            message.writeTo(out);
        });
    }

    private static DataInputStream reader(byte[] bytes) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        int version = in.read();
        if (version != VERSION) {
            throw new IOException("The version " + version + " is unknown.");
        }
        return in;
    }

    /** The first request. */
    byte[] request() {
        return written(out -> out.writeLong(replica.hash()));
    }

    /** Whether the replicas differ, by the response to the first request. */
    static boolean differs(byte[] response) {
        return response.length == 2 && response[0] == VERSION && response[1] != 0;
    }

    private static int bucket(String key) {
        return (int) EntryHash.of(key, 0) & (BUCKETS - 1);
    }

    /** The hashes of the buckets. */
    long[] buckets() {
        return buckets(replica.all());
    }

    private long[] buckets(Collection<E> all) {
        long[] buckets = new long[BUCKETS];
        for (E entry : all) {
            buckets[bucket(replica.key(entry))] += replica.hash(entry);
        }
        return buckets;
    }

    /** The request for entries of different buckets after a key; the empty string for all. */
    byte[] request(long[] buckets, String after) {
        return written(out -> {
            for (long bucket : buckets) {
                out.writeLong(bucket);
            }
            out.write(after.getBytes(StandardCharsets.UTF_8));
        });
    }

    /** The response to a request of either kind. */
    byte[] respond(byte[] request) throws IOException {
        DataInputStream in = reader(request);
        if (in.available() == Long.BYTES) {
            boolean differs = in.readLong() != replica.hash();
            return written(out -> out.writeBoolean(differs));
        }
        long[] theirs = new long[BUCKETS];
        for (int i = 0; i < BUCKETS; i++) {
            theirs[i] = in.readLong();
        }
        String after = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        Collection<E> all = replica.all();
        long[] own = buckets(all);
        return written(out -> {
            for (E entry : all) {
                String key = replica.key(entry);
                int bucket = bucket(key);
                if (own[bucket] == theirs[bucket] || key.compareTo(after) <= 0) {
                    continue;
                }
                if (out.size() > MAX_RESPONSE_BYTES) {
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

    /** Merges the entries of a response; returns the key after which there are more. An unreadable response changes nothing. */
    Optional<String> merge(byte[] response) {
        List<E> entries = new ArrayList<>();
        try {
            DataInputStream in = reader(response);
            int next = in.readInt();
            while (next > END) {
                entries.add(entry(in, next));
                next = in.readInt();
            }
            if (next != END && (next != MORE || entries.isEmpty())) {
                throw new IOException("The message ends with " + next + " after " + entries.size() + " entries.");
            }
            entries.forEach(replica::merge);
            return next == MORE ? Optional.of(replica.key(entries.getLast())) : Optional.empty();
        } catch (IOException e) {
            LOG.debug("An answer cannot be read.", e);
            return Optional.empty();
        }
    }

    private E entry(DataInputStream in, int length) throws IOException {
        if (length > in.available()) {
            throw new IOException("An entry of " + length + " bytes, but there are " + in.available() + ".");
        }
        return format.read(in.readNBytes(length)).orElseThrow(() -> new IOException("An entry is unreadable."));
    }
}
