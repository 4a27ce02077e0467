package io.heliodor.protocol;

import io.heliodor.link.ByteReader;
import io.heliodor.link.ByteWriter;
import io.heliodor.link.DecodeException;
import io.heliodor.link.Message;
import io.heliodor.link.Routes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The messages between the {@link ReplicatedMaps} of a view: types 30 to 34. */
public sealed interface MapMessage extends Message {
    /**
     * Registers the receiver of these messages.
     *
     * @param routes where
     * @param receiver the receiver
     */
    static void route(Routes routes, Routes.Receiver<? super MapMessage> receiver) {
        routes.add(30, Snapshot::read, receiver)
                .add(31, Delta::read, receiver)
                .add(32, Digest::read, receiver)
                .add(33, Pull::read, receiver)
                .add(34, Ack::read, receiver);
    }

    /**
     * Which map of the owner it is about.
     *
     * @return its number
     */
    int kind();

    /**
     * An entry of a map.
     *
     * @param key at most 1 KiB
     * @param value at most 64 KiB
     */
    record Entry(String key, String value) {
        int size() {
            // A char takes up to three bytes, but nearly always one.
            return key.length() + value.length() + 6;
        }

        private static Entry read(ByteReader in) throws DecodeException {
            return new Entry(key(in), value(in));
        }

        private static String key(ByteReader in) throws DecodeException {
            return Texts.read(in, ReplicatedMaps.MAX_KEY_BYTES);
        }

        private static String value(ByteReader in) throws DecodeException {
            return Texts.read(in, ReplicatedMaps.MAX_VALUE_BYTES);
        }
    }

    /**
     * A page of a snapshot of a map.
     *
     * @param kind the map
     * @param version the version of the snapshot
     * @param part the number of the page, from 1
     * @param last whether it is the last page
     * @param entries the entries
     */
    record Snapshot(int kind, long version, int part, boolean last, List<Entry> entries) implements MapMessage {
        @Override
        public int type() {
            return 30;
        }

        @Override
        public void write(ByteWriter out) {
            out.number(kind).number(version).number(part).bool(last).number(entries.size());
            entries.forEach(entry -> out.text(entry.key()).text(entry.value()));
        }

        static Snapshot read(ByteReader in) throws DecodeException {
            int kind = Texts.small(in);
            long version = in.number();
            int part = Texts.small(in);
            boolean last = in.bool();
            List<Entry> entries = new ArrayList<>();
            for (int left = in.count(2); left > 0; left--) {
                entries.add(Entry.read(in));
            }
            return new Snapshot(kind, version, part, last, entries);
        }
    }

    /**
     * A change of one entry.
     *
     * @param kind the map
     * @param version the version of the map after the change
     * @param key the key
     * @param value its new value; empty if the entry was removed
     */
    record Delta(int kind, long version, String key, Optional<String> value) implements MapMessage {
        @Override
        public int type() {
            return 31;
        }

        @Override
        public void write(ByteWriter out) {
            out.number(kind).number(version).text(key).bool(value.isPresent());
            value.ifPresent(out::text);
        }

        static Delta read(ByteReader in) throws DecodeException {
            return new Delta(
                    Texts.small(in),
                    in.number(),
                    Entry.key(in),
                    in.bool() ? Optional.of(Entry.value(in)) : Optional.empty());
        }
    }

    /**
     * The current version of a map.
     *
     * @param kind the map
     * @param version the version; all changes up to it were sent before
     * @param requestsAck whether the receiver replies with an {@link Ack}
     */
    record Digest(int kind, long version, boolean requestsAck) implements MapMessage {
        @Override
        public int type() {
            return 32;
        }

        @Override
        public void write(ByteWriter out) {
            out.number(kind).number(version).bool(requestsAck);
        }

        static Digest read(ByteReader in) throws DecodeException {
            return new Digest(Texts.small(in), in.number(), in.bool());
        }
    }

    /**
     * Requests the changes since a version, or a snapshot if the owner does not keep them all.
     *
     * @param kind the map
     * @param version the version of the replica; -1 before the first snapshot
     */
    record Pull(int kind, long version) implements MapMessage {
        @Override
        public int type() {
            return 33;
        }

        @Override
        public void write(ByteWriter out) {
            out.number(kind).number(version + 1);
        }

        static Pull read(ByteReader in) throws DecodeException {
            return new Pull(Texts.small(in), in.number() - 1);
        }
    }

    /**
     * A replica confirms a version, or pages of a snapshot.
     *
     * @param kind the map
     * @param version the version that the replica has, or will have with the last page
     * @param parts how many pages of the snapshot of that version arrived; 0 if the replica has the version
     */
    record Ack(int kind, long version, int parts) implements MapMessage {
        @Override
        public int type() {
            return 34;
        }

        @Override
        public void write(ByteWriter out) {
            out.number(kind).number(version).number(parts);
        }

        static Ack read(ByteReader in) throws DecodeException {
            return new Ack(Texts.small(in), in.number(), Texts.small(in));
        }
    }
}
