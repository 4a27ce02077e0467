package io.heliodor.gossip;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.exchange.ReplicaComparison;
import io.heliodor.pubsub.MessageFormat;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
    private static final int VERSION = 2;
    private static final int END = 0;
    private static final int MORE = -1;

    /** The number of buckets, a power of two. */
    private static final int BUCKETS = 64;

    /** A response ends with the entry that exceeds this. */
    static final int MAX_RESPONSE_BYTES = 512 << 10;

    private static BinaryWriter writer(int expected) {
        return new BinaryWriter(expected).put(VERSION);
    }

    private static BinaryReader reader(byte[] bytes) throws DecodeException {
        BinaryReader in = new BinaryReader(bytes);
        in.version(VERSION);
        return in;
    }

    /** Begins a comparison with another node. */
    ReplicaComparison begin() {
        return new Requests();
    }

    /** The requests of one comparison. */
    private final class Requests implements ReplicaComparison {
        /** The own buckets; null until a response has shown that the replicas differ. */
        private long @Nullable [] buckets;

        /** The key after which entries may be missing; empty if none are. */
        private Optional<String> after = Optional.of("");

        @Override
        public Optional<byte[]> next() {
            long[] own = buckets;
            return after.map(key -> own == null ? request() : request(own, key));
        }

        @Override
        public void merge(byte[] response) throws DecodeException {
            if (buckets != null) {
                after = Comparison.this.merge(response);
            } else if (differs(response)) {
                buckets = buckets();
            } else {
                after = Optional.empty();
            }
        }
    }

    /** Whether the replicas differ, by the response to the first request. */
    static boolean differs(byte[] response) throws DecodeException {
        BinaryReader in = reader(response);
        boolean differs = in.bool();
        in.end();
        return differs;
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

    /** The first request. */
    byte[] request() {
        return writer(1 + Long.BYTES).int64(replica.hash()).toBytes();
    }

    /** The request for entries of different buckets after a key; the empty string for all. */
    byte[] request(long[] buckets, String after) {
        byte[] key = after.getBytes(StandardCharsets.UTF_8);
        BinaryWriter out = writer(1 + BUCKETS * Long.BYTES + key.length);
        for (long bucket : buckets) {
            out.int64(bucket);
        }
        return out.append(key).toBytes();
    }

    /** The response to a request of either kind. */
    byte[] respond(byte[] request) throws DecodeException {
        BinaryReader in = reader(request);
        if (in.left() == Long.BYTES) {
            return writer(2).bool(in.int64() != replica.hash()).toBytes();
        }
        long[] theirs = new long[BUCKETS];
        for (int i = 0; i < BUCKETS; i++) {
            theirs[i] = in.int64();
        }
        String after = in.text(in.left());
        Collection<E> all = replica.all();
        long[] own = buckets(all);
        BinaryWriter out = writer(1024);
        for (E entry : all) {
            String key = replica.key(entry);
            int bucket = bucket(key);
            if (own[bucket] == theirs[bucket] || key.compareTo(after) <= 0) {
                continue;
            }
            if (out.size() > MAX_RESPONSE_BYTES) {
                return out.int32(MORE).toBytes();
            }
            out.int32Bytes(format.write(entry));
        }
        return out.int32(END).toBytes();
    }

    /** Merges the entries of a response; returns the key after which there are more. An unreadable response changes nothing. */
    Optional<String> merge(byte[] response) throws DecodeException {
        List<E> entries = new ArrayList<>();
        BinaryReader in = reader(response);
        int next = in.int32();
        while (next > END) {
            entries.add(format.read(in.bytes(next)).orElseThrow(() -> new DecodeException("an entry is unreadable")));
            next = in.int32();
        }
        if (next != END && (next != MORE || entries.isEmpty())) {
            throw new DecodeException("ends with " + next + " after " + entries.size() + " entries");
        }
        entries.forEach(replica::merge);
        return next == MORE ? Optional.of(replica.key(entries.getLast())) : Optional.empty();
    }
}
