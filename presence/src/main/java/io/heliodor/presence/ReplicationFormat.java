package io.heliodor.presence;

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
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
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
record ReplicationFormat<M>(MessageFormat<M> metas) implements MessageFormat<Change<M>> {
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
        Writer out = new Writer();
        out.number(VERSION);
        out.number(shard);
        out.replica(delta.replica());
        out.delta(delta);
        return out.toBytes();
    }

    @Override
    public Optional<Change<M>> read(byte[] bytes) {
        return read(bytes, in -> {
            int shard = in.shard();
            return new Change<>(shard, in.delta(in.replica()));
        });
    }

    // Requests.

    byte[] write(Request request) {
        Writer out = new Writer();
        out.number(VERSION);
        out.number(request.known().size());
        request.known().forEach((replica, versions) -> {
            out.replica(replica);
            versions.forEach(out::number);
        });
        out.number(request.copies().size());
        for (CopyProgress copy : request.copies()) {
            out.replica(copy.replica());
            out.number(copy.shard());
            out.number(copy.after());
        }
        return out.toBytes();
    }

    Optional<Request> readRequest(byte[] bytes) {
        return read(bytes, in -> {
            Map<ReplicaId, List<Long>> known = new HashMap<>();
            for (long left = in.number(); left > 0; left--) {
                ReplicaId replica = in.replica();
                List<Long> versions = new ArrayList<>(ShardIndex.COUNT);
                while (versions.size() < ShardIndex.COUNT) {
                    versions.add(in.number());
                }
                known.put(replica, versions);
            }
            List<CopyProgress> copies = new ArrayList<>();
            for (long left = in.number(); left > 0; left--) {
                copies.add(new CopyProgress(in.replica(), in.shard(), in.number()));
            }
            return new Request(known, copies);
        });
    }

    // Responses.

    ResponseWriter responseWriter() {
        return new ResponseWriter();
    }

    /** Writes a response, part by part. */
    final class ResponseWriter {
        private final Writer parts = new Writer();

        int size() {
            return parts.size();
        }

        /** Adds a delta; false if it is longer than the maximum. */
        boolean add(int shard, Delta<M> delta, int maxBytes) {
            Writer part = new Writer();
            part.number(1);
            part.number(DELTA);
            part.number(shard);
            part.replica(delta.replica());
            part.delta(delta);
            if (part.size() > maxBytes) {
                return false;
            }
            parts.append(part);
            return true;
        }

        /** Adds a page, which ends early with the entry that exceeds the maximum. */
        void add(int shard, CopyPage<M> page, int maxBytes) {
            Writer entries = new Writer();
            long last = page.last();
            int count = 0;
            for (Entry<M> entry : page.entries()) {
                if (count > 0 && entries.size() > maxBytes) {
                    last = page.entries().get(count - 1).dot().counter();
                    break;
                }
                entries.entry(entry);
                count++;
            }
            parts.number(1);
            parts.number(PAGE);
            parts.number(shard);
            parts.replica(page.replica());
            parts.number(page.version());
            parts.number(page.after());
            parts.number(last);
            parts.number(count);
            parts.append(entries);
        }

        byte[] toBytes(boolean more) {
            Writer all = new Writer();
            all.number(VERSION);
            all.append(parts);
            all.number(0);
            all.number(more ? 1 : 0);
            return all.toBytes();
        }
    }

    Optional<Response<M>> readResponse(byte[] bytes) {
        return read(bytes, in -> {
            List<Part<M>> parts = new ArrayList<>();
            while (in.number() == 1) {
                long kind = in.number();
                int shard = in.shard();
                ReplicaId replica = in.replica();
                parts.add(
                        kind == DELTA
                                ? new Part.Changed<>(shard, in.delta(replica))
                                : new Part.Copied<>(shard, in.page(replica)));
            }
            return new Response<>(parts, in.number() == 1);
        });
    }

    /** Reads a value. */
    private interface Decoder<M, T> {
        T read(ReplicationFormat<M>.Reader in) throws IOException;
    }

    private <T> Optional<T> read(byte[] bytes, Decoder<M, T> decoder) {
        Reader in = new Reader(bytes);
        try {
            return in.number() == VERSION ? Optional.of(decoder.read(in)) : Optional.empty();
        } catch (IOException | RuntimeException e) {
            LOG.debug("A message about presences cannot be read.", e);
            return Optional.empty();
        }
    }

    private final class Writer {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final DataOutputStream out = new DataOutputStream(bytes);
        private @Nullable String topic;

        /** Writes 0 or more: seven bits in each byte, the low ones first. */
        void number(long value) {
            long rest = value;
            while (rest > 0x7f) {
                bytes.write((int) (rest & 0x7f) | 0x80);
                rest >>>= 7;
            }
            bytes.write((int) rest);
        }

        void text(String text) {
            array(text.getBytes(StandardCharsets.UTF_8));
        }

        private void array(byte[] array) {
            number(array.length);
            bytes.writeBytes(array);
        }

        void replica(ReplicaId replica) {
            text(replica.node());
            try {
                out.writeLong(replica.incarnation());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void delta(Delta<M> delta) {
            number(delta.from());
            number(delta.to());
            number(delta.added().size());
            delta.added().forEach(this::entry);
            number(delta.removed().size());
            delta.removed().forEach(this::number);
        }

        /** Writes an entry, without its topic if the entry before has the same. */
        void entry(Entry<M> entry) {
            boolean same = entry.topic().equals(topic);
            topic = entry.topic();
            number(same ? 1 : 0);
            if (!same) {
                text(entry.topic());
            }
            number(entry.dot().counter());
            Dot previous = entry.previous();
            number(previous == null ? 0 : previous.counter());
            text(entry.key());
            array(metas.write(entry.meta()));
        }

        void append(Writer other) {
            bytes.writeBytes(other.toBytes());
        }

        int size() {
            return bytes.size();
        }

        byte[] toBytes() {
            return bytes.toByteArray();
        }
    }

    private final class Reader {
        private final DataInputStream in;
        private final int size;
        private @Nullable String topic;

        Reader(byte[] bytes) {
            this.in = new DataInputStream(new ByteArrayInputStream(bytes));
            this.size = bytes.length;
        }

        long number() throws IOException {
            long value = 0;
            for (int shift = 0; shift < Long.SIZE; shift += 7) {
                int next = in.readUnsignedByte();
                value |= (long) (next & 0x7f) << shift;
                if (next <= 0x7f) {
                    return value;
                }
            }
            throw new IOException("A number is too long.");
        }

        int shard() throws IOException {
            long shard = number();
            if (shard < 0 || shard >= ShardIndex.COUNT) {
                throw new IOException("Shard " + shard + " does not exist.");
            }
            return (int) shard;
        }

        private int count() throws IOException {
            long count = number();
            if (count < 0 || count > size) {
                throw new IOException(count + " elements do not fit in " + size + " bytes.");
            }
            return (int) count;
        }

        private byte[] array() throws IOException {
            byte[] array = new byte[count()];
            in.readFully(array);
            return array;
        }

        String text() throws IOException {
            return new String(array(), StandardCharsets.UTF_8);
        }

        ReplicaId replica() throws IOException {
            return new ReplicaId(text(), in.readLong());
        }

        Delta<M> delta(ReplicaId replica) throws IOException {
            long from = number();
            long to = number();
            List<Entry<M>> added = entries(replica);
            List<Long> removed = new ArrayList<>();
            for (int left = count(); left > 0; left--) {
                removed.add(number());
            }
            return new Delta<>(replica, from, to, added, removed);
        }

        CopyPage<M> page(ReplicaId replica) throws IOException {
            return new CopyPage<>(replica, number(), number(), number(), entries(replica));
        }

        /** Reads entries, without those whose meta cannot be read. */
        private List<Entry<M>> entries(ReplicaId replica) throws IOException {
            List<Entry<M>> entries = new ArrayList<>();
            topic = null;
            for (int left = count(); left > 0; left--) {
                entry(replica).ifPresent(entries::add);
            }
            return entries;
        }

        /** One character outside of Latin-1 makes a string hold two bytes for each. */
        private static int heldBytes(String text) {
            return text.chars().allMatch(c -> c <= 0xFF) ? text.length() : 2 * text.length();
        }

        private Optional<Entry<M>> entry(ReplicaId replica) throws IOException {
            boolean same = number() == 1;
            if (!same) {
                topic = text();
            }
            String on = topic;
            if (on == null) {
                throw new IOException("The first entry has no topic.");
            }
            Dot dot = new Dot(replica, number());
            long counter = number();
            @Nullable Dot previous = counter == 0 ? null : new Dot(replica, counter);
            byte[] key = array();
            byte[] written = array();
            String name = new String(key, StandardCharsets.UTF_8);
            Optional<M> meta = metas.read(written);
            if (meta.isEmpty()) {
                LOG.warn(
                        "The metadata of {} on {} cannot be read here, so it is left out.",
                        ControlCharacters.escaped(name),
                        ControlCharacters.escaped(on));
            }
            int bytes = ENTRY_BYTES + heldBytes(on) + heldBytes(name) + key.length + 2 * written.length;
            return meta.map(value -> Entry.received(dot, on, name, value, previous, bytes));
        }
    }
}
