package io.heliodor.protocol;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.link.Message;
import io.heliodor.link.MessageRoutes;
import java.util.List;
import java.util.Optional;

/** The messages between the {@link ReplicatedMaps} of a view: types 30 to 34. */
public sealed interface MapMessage extends Message {
    /** The maximum bytes of a key. */
    int MAX_KEY_BYTES = 1_024;

    /** The maximum bytes of a value. */
    int MAX_VALUE_BYTES = 64 * 1_024;

    /**
     * Registers the receiver of these messages.
     *
     * @param routes where
     * @param receiver the receiver
     */
    static void route(MessageRoutes routes, MessageRoutes.Receiver<? super MapMessage> receiver) {
        routes.add(30, 34, MapMessage::read, receiver);
    }

    private static MapMessage read(int type, BinaryReader in) throws DecodeException {
        int kind = Texts.small(in);
        return switch (type) {
            case 30 -> new Snapshot(kind, in.number(), Texts.small(in), in.bool(), in.list(2, Entry::read));
            case 31 -> new Delta(kind, in.number(), Entry.key(in), in.optional(Entry::value));
            case 32 -> new Digest(kind, in.number(), in.bool());
            case 33 -> new Pull(kind, in.number() - 1);
            case 34 -> new Ack(kind, in.number(), Texts.small(in));
            default -> throw new DecodeException("no message about maps has type " + type);
        };
    }

    @Override
    default int type() {
        return switch (this) {
            case Snapshot _ -> 30;
            case Delta _ -> 31;
            case Digest _ -> 32;
            case Pull _ -> 33;
            case Ack _ -> 34;
        };
    }

    @Override
    default void write(BinaryWriter out) {
        out.number(kind());
        switch (this) {
            case Snapshot(int _, long version, int part, boolean last, var entries) ->
                out.number(version).number(part).bool(last).list(entries, Entry::write);
            case Delta(int _, long version, String key, var value) ->
                out.number(version).text(key).optional(value, (text, to) -> to.text(text));
            case Digest(int _, long version, boolean requestsAck) ->
                out.number(version).bool(requestsAck);
            case Pull(int _, long version) -> out.number(version + 1);
            case Ack(int _, long version, int parts) -> out.number(version).number(parts);
        }
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

        private void write(BinaryWriter out) {
            out.text(key).text(value);
        }

        private static Entry read(BinaryReader in) throws DecodeException {
            return new Entry(key(in), value(in));
        }

        private static String key(BinaryReader in) throws DecodeException {
            return Texts.read(in, MAX_KEY_BYTES);
        }

        private static String value(BinaryReader in) throws DecodeException {
            return Texts.read(in, MAX_VALUE_BYTES);
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
    record Snapshot(int kind, long version, int part, boolean last, List<Entry> entries) implements MapMessage {}

    /**
     * A change of one entry.
     *
     * @param kind the map
     * @param version the version of the map after the change
     * @param key the key
     * @param value its new value; empty if the entry was removed
     */
    record Delta(int kind, long version, String key, Optional<String> value) implements MapMessage {}

    /**
     * The current version of a map.
     *
     * @param kind the map
     * @param version the version; all changes up to it were sent before
     * @param requestsAck whether the receiver replies with an {@link Ack}
     */
    record Digest(int kind, long version, boolean requestsAck) implements MapMessage {}

    /**
     * Requests the changes since a version, or a snapshot if the owner does not keep them all.
     *
     * @param kind the map
     * @param version the version of the replica; -1 before the first snapshot
     */
    record Pull(int kind, long version) implements MapMessage {}

    /**
     * A replica confirms a version, or pages of a snapshot.
     *
     * @param kind the map
     * @param version the version that the replica has, or will have with the last page
     * @param parts how many pages of the snapshot of that version arrived; 0 if the replica has the version
     */
    record Ack(int kind, long version, int parts) implements MapMessage {}
}
