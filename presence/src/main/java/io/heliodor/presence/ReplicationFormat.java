package io.heliodor.presence;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.event.json.JsonWeight;
import io.heliodor.log.BoundedLog;
import io.heliodor.presence.Replication.Change;
import io.heliodor.presence.ShardCatchUp.CopyProgress;
import io.heliodor.presence.ShardCatchUp.Part;
import io.heliodor.presence.ShardCatchUp.Request;
import io.heliodor.presence.ShardCatchUp.Response;
import io.heliodor.presence.crdt.CopyPage;
import io.heliodor.presence.crdt.Delta;
import io.heliodor.presence.crdt.Dot;
import io.heliodor.presence.crdt.Entry;
import io.heliodor.presence.crdt.ReplicaId;
import io.heliodor.pubsub.MessageFormat;
import io.heliodor.type.text.ControlCharacters;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The binary format of the messages between nodes. Numbers have a variable length; texts and metas follow their length. */
record ReplicationFormat<M>(MessageFormat<M> metas, JsonWeight weight, BoundedLog unreadable)
        implements MessageFormat<Change<M>> {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.presence");

    private static final int VERSION = 1;

    /** A larger change is published as an empty delta: receivers see a gap, and request the changes. */
    private static final int MAX_CHANGE_BYTES = 1 << 20;

    /**
     * The objects of an entry, its nodes in the indexes, its key, and its refs in a kept state, however short they are. See
     * {@code docs/design/memory.md}.
     */
    private static final int ENTRY_BYTES = 352;

    private static final int DELTA = 0;
    private static final int PAGE = 1;

    // Changes.

    @Override
    public byte[] write(Change<M> change) {
        Delta<M> delta = change.delta();
        byte[] bytes = bytes(change.shard(), delta);
        return bytes.length <= MAX_CHANGE_BYTES
                ? bytes
                : bytes(change.shard(), new Delta<>(delta.replica(), delta.to(), delta.to(), List.of(), List.of()));
    }

    private byte[] bytes(int shard, Delta<M> delta) {
        return new BinaryWriter(128)
                .put(VERSION)
                .number(shard)
                .object(delta, this::write)
                .toBytes();
    }

    @Override
    public Optional<Change<M>> read(byte[] bytes) {
        return read(bytes, in -> new Change<>(shard(in), delta(in)));
    }

    // Requests.

    byte[] write(Request request) {
        BinaryWriter out =
                new BinaryWriter(256).put(VERSION).number(request.known().size());
        request.known().forEach((replica, versions) -> {
            write(replica, out);
            versions.forEach(out::number);
        });
        return out.list(
                        request.copies(),
                        (copy, to) -> to.object(copy.replica(), ReplicationFormat::write)
                                .number(copy.shard())
                                .number(copy.after()))
                .toBytes();
    }

    Optional<Request> readRequest(byte[] bytes) {
        return read(bytes, in -> {
            Map<ReplicaId, List<Long>> known = new HashMap<>();
            for (int left = in.count(1); left > 0; left--) {
                ReplicaId replica = replica(in);
                List<Long> versions = new ArrayList<>(ShardIndex.COUNT);
                while (versions.size() < ShardIndex.COUNT) {
                    versions.add(in.number());
                }
                known.put(replica, versions);
            }
            return new Request(known, in.list(1, copy -> new CopyProgress(replica(copy), shard(copy), copy.number())));
        });
    }

    // Responses.

    ResponseWriter responseWriter() {
        return new ResponseWriter();
    }

    /** Writes a response, part by part. */
    final class ResponseWriter {
        private final BinaryWriter parts = new BinaryWriter(1024);

        int size() {
            return parts.size();
        }

        /** Adds a delta; false if it is longer than the maximum. */
        boolean add(int shard, Delta<M> delta, int maxBytes) {
            BinaryWriter part = new BinaryWriter(128)
                    .bool(true)
                    .put(DELTA)
                    .number(shard)
                    .object(delta, ReplicationFormat.this::write);
            if (part.size() > maxBytes) {
                return false;
            }
            parts.append(part);
            return true;
        }

        /** Adds a page, which ends early with the entry that exceeds the maximum. */
        void add(int shard, CopyPage<M> page, int maxBytes) {
            BinaryWriter entries = new BinaryWriter(1024);
            EntryWriter writer = new EntryWriter();
            long last = page.last();
            int count = 0;
            for (Entry<M> entry : page.entries()) {
                if (count > 0 && entries.size() > maxBytes) {
                    last = page.entries().get(count - 1).dot().counter();
                    break;
                }
                writer.write(entry, entries);
                count++;
            }
            parts.bool(true)
                    .put(PAGE)
                    .number(shard)
                    .object(page.replica(), ReplicationFormat::write)
                    .number(page.version())
                    .number(page.after())
                    .number(last)
                    .number(count)
                    .append(entries);
        }

        byte[] toBytes(boolean more) {
            return new BinaryWriter(parts.size() + 3)
                    .put(VERSION)
                    .append(parts)
                    .bool(false)
                    .bool(more)
                    .toBytes();
        }
    }

    Optional<Response<M>> readResponse(byte[] bytes) {
        return read(bytes, in -> {
            List<Part<M>> parts = new ArrayList<>();
            while (in.bool()) {
                int kind = in.get();
                int shard = shard(in);
                parts.add(kind == DELTA ? new Part.Changed<>(shard, delta(in)) : new Part.Copied<>(shard, page(in)));
            }
            return new Response<>(parts, in.bool());
        });
    }

    private <T> Optional<T> read(byte[] bytes, BinaryReader.Decoder<T> decoder) {
        try {
            BinaryReader in = new BinaryReader(bytes);
            in.version(VERSION);
            return Optional.of(decoder.read(in));
        } catch (DecodeException | RuntimeException e) {
            LOG.debug("A message about presences cannot be read.", e);
            return Optional.empty();
        }
    }

    /** Entries after each other, without their topic if the entry before has the same. */
    private final class EntryWriter {
        private @Nullable String topic;

        void write(Entry<M> entry, BinaryWriter out) {
            boolean same = entry.topic().equals(topic);
            topic = entry.topic();
            out.bool(same);
            if (!same) {
                out.text(entry.topic());
            }
            Dot previous = entry.previous();
            out.number(entry.dot().counter())
                    .number(previous == null ? 0 : previous.counter())
                    .text(entry.key())
                    .bytes(metas.write(entry.meta()));
        }
    }

    private static void write(ReplicaId replica, BinaryWriter out) {
        out.text(replica.node()).int64(replica.incarnation());
    }

    private void write(Delta<M> delta, BinaryWriter out) {
        out.object(delta.replica(), ReplicationFormat::write)
                .number(delta.from())
                .number(delta.to())
                .list(delta.added(), new EntryWriter()::write)
                .list(delta.removed(), (counter, to) -> to.number(counter));
    }

    private static int shard(BinaryReader in) throws DecodeException {
        long shard = in.number();
        if (shard < 0 || shard >= ShardIndex.COUNT) {
            throw new DecodeException("the shard " + shard + " does not exist");
        }
        return (int) shard;
    }

    private static ReplicaId replica(BinaryReader in) throws DecodeException {
        return new ReplicaId(in.text(), in.int64());
    }

    private Delta<M> delta(BinaryReader in) throws DecodeException {
        ReplicaId replica = replica(in);
        return new Delta<>(replica, in.number(), in.number(), entries(replica, in), in.list(1, BinaryReader::number));
    }

    private CopyPage<M> page(BinaryReader in) throws DecodeException {
        ReplicaId replica = replica(in);
        return new CopyPage<>(replica, in.number(), in.number(), in.number(), entries(replica, in));
    }

    /** Reads entries, without those whose meta cannot be read. */
    private List<Entry<M>> entries(ReplicaId replica, BinaryReader in) throws DecodeException {
        List<Entry<M>> entries = new ArrayList<>();
        @Nullable String topic = null;
        for (int left = in.count(1); left > 0; left--) {
            topic = in.bool() ? topic : in.text();
            if (topic == null) {
                throw new DecodeException("the first entry has no topic");
            }
            entry(replica, topic, in).ifPresent(entries::add);
        }
        return entries;
    }

    /** One character outside of Latin-1 makes a string hold two bytes for each. */
    private static int heldBytes(String text) {
        return text.chars().allMatch(c -> c <= 0xFF) ? text.length() : 2 * text.length();
    }

    private Optional<Entry<M>> entry(ReplicaId replica, String topic, BinaryReader in) throws DecodeException {
        Dot dot = new Dot(replica, in.number());
        long counter = in.number();
        @Nullable Dot previous = counter == 0 ? null : new Dot(replica, counter);
        byte[] key = in.bytes();
        byte[] written = in.bytes();
        String name = new String(key, StandardCharsets.UTF_8);
        Optional<M> meta = metas.read(written);
        if (meta.isEmpty()) {
            unreadable.warn(
                    "The metadata of {} on {} cannot be read here, so it is left out.",
                    ControlCharacters.escaped(name),
                    ControlCharacters.escaped(topic));
        }
        long bytes = ENTRY_BYTES
                + heldBytes(topic)
                + heldBytes(name)
                + key.length
                + written.length
                + weight.bytesOfWritten(written);
        return meta.map(
                value -> Entry.received(dot, topic, name, value, previous, (int) Math.min(bytes, Integer.MAX_VALUE)));
    }
}
