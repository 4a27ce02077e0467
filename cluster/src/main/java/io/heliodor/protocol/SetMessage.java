package io.heliodor.protocol;

import io.heliodor.link.ByteReader;
import io.heliodor.link.ByteWriter;
import io.heliodor.link.DecodeException;
import io.heliodor.link.Message;
import io.heliodor.link.Routes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What {@link OwnedSets} tell each other: types 30 to 34. */
public sealed interface SetMessage extends Message {
    /**
     * Says who takes these messages.
     *
     * @param routes where to say it
     * @param receiver who takes them
     */
    static void route(Routes routes, Routes.Receiver<? super SetMessage> receiver) {
        routes.add(30, Snapshot::read, receiver)
                .add(31, Delta::read, receiver)
                .add(32, Digest::read, receiver)
                .add(33, Pull::read, receiver)
                .add(34, Known::read, receiver);
    }

    /**
     * Which set of the owner.
     *
     * @return its number
     */
    int kind();

    /**
     * A key and its value.
     *
     * @param key at most 1 KiB
     * @param value at most 64 KiB
     */
    record Entry(String key, String value) {
        int size() {
            // At most three bytes for a char; nearly always one.
            return key.length() + value.length() + 6;
        }

        private static Entry read(ByteReader in) throws DecodeException {
            return new Entry(key(in), value(in));
        }

        private static String key(ByteReader in) throws DecodeException {
            return Texts.read(in, OwnedSets.KEY_BYTES);
        }

        private static String value(ByteReader in) throws DecodeException {
            return Texts.read(in, OwnedSets.VALUE_BYTES);
        }
    }

    /**
     * A page of a whole set.
     *
     * @param kind which set
     * @param version of the set that the pages make
     * @param part which page, from 1
     * @param last whether it is the last page
     * @param entries what is on it
     */
    record Snapshot(int kind, long version, int part, boolean last, List<Entry> entries) implements SetMessage {
        @Override
        public int type() {
            return 30;
        }

        @Override
        public void write(ByteWriter out) {
            out.number(kind).number(version).number(part).bool(last).number(entries.size());
            entries.forEach(entry -> out.text(entry.key()).text(entry.value()));
        }

        /**
         * Reads one.
         *
         * @param in its fields
         * @return the message
         * @throws DecodeException when it is none
         */
        public static Snapshot read(ByteReader in) throws DecodeException {
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
     * One change.
     *
     * @param kind which set
     * @param version of the set after the change
     * @param key whose value changed
     * @param value the value; none when the key is gone
     */
    record Delta(int kind, long version, String key, Optional<String> value) implements SetMessage {
        @Override
        public int type() {
            return 31;
        }

        @Override
        public void write(ByteWriter out) {
            out.number(kind).number(version).text(key).bool(value.isPresent());
            value.ifPresent(out::text);
        }

        /**
         * Reads one.
         *
         * @param in its fields
         * @return the message
         * @throws DecodeException when it is none
         */
        public static Delta read(ByteReader in) throws DecodeException {
            return new Delta(
                    Texts.small(in),
                    in.number(),
                    Entry.key(in),
                    in.bool() ? Optional.of(Entry.value(in)) : Optional.empty());
        }
    }

    /**
     * Which version the set has.
     *
     * @param kind which set
     * @param version of the set; all that leads to it was sent before
     * @param asks whether a {@link Known} is wanted
     */
    record Digest(int kind, long version, boolean asks) implements SetMessage {
        @Override
        public int type() {
            return 32;
        }

        @Override
        public void write(ByteWriter out) {
            out.number(kind).number(version).bool(asks);
        }

        /**
         * Reads one.
         *
         * @param in its fields
         * @return the message
         * @throws DecodeException when it is none
         */
        public static Digest read(ByteReader in) throws DecodeException {
            return new Digest(Texts.small(in), in.number(), in.bool());
        }
    }

    /**
     * Asks for what changed since a version: the changes, or a snapshot if they are not all remembered.
     *
     * @param kind which set
     * @param version of the copy; -1 if there is none yet
     */
    record Pull(int kind, long version) implements SetMessage {
        @Override
        public int type() {
            return 33;
        }

        @Override
        public void write(ByteWriter out) {
            out.number(kind).number(version + 1);
        }

        /**
         * Reads one.
         *
         * @param in its fields
         * @return the message
         * @throws DecodeException when it is none
         */
        public static Pull read(ByteReader in) throws DecodeException {
            return new Pull(Texts.small(in), in.number() - 1);
        }
    }

    /**
     * What came.
     *
     * @param kind which set
     * @param version which version the copy has, or is about to have
     * @param parts how many pages of a snapshot of that version came; 0 when the copy has it
     */
    record Known(int kind, long version, int parts) implements SetMessage {
        @Override
        public int type() {
            return 34;
        }

        @Override
        public void write(ByteWriter out) {
            out.number(kind).number(version).number(parts);
        }

        /**
         * Reads one.
         *
         * @param in its fields
         * @return the message
         * @throws DecodeException when it is none
         */
        public static Known read(ByteReader in) throws DecodeException {
            return new Known(Texts.small(in), in.number(), Texts.small(in));
        }
    }
}
