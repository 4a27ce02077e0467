package io.heliodor.session;

import io.heliodor.channel.History;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Position;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import io.heliodor.wire.V2Serializer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * The last broadcasts of one topic, numbered. Pure: its topic's lock guards it, and brings the time.
 */
final class TopicHistory {
    /** What a kept broadcast costs beside its message. */
    private static final int OVERHEAD = 96;

    private final History bounds;
    private final String epoch;
    private final MemoryBudget memory;
    private final ArrayDeque<Kept> kept = new ArrayDeque<>();
    private long newest;
    private long bytes;

    /** Told of every byte that is kept more, or less: all histories share a bound. */
    private final LongConsumer grown;

    TopicHistory(History bounds, String epoch, LongConsumer grown, MemoryBudget memory) {
        this.memory = memory;
        this.grown = grown;
        this.bounds = bounds;
        this.epoch = epoch;
    }

    /**
     * A broadcast that is kept.
     *
     * @param offset its number, from 1
     * @param at when it was kept
     * @param broadcast what was said; its payload is a slice of the message
     * @param message as version 2.0.0 writes it
     * @param memory counts it once while the history or replays hold it
     */
    @SuppressWarnings("ArrayRecordComponent") // shared with all who get it: never compared, never copied
    record Kept(long offset, long at, Broadcast broadcast, byte[] message, SharedMemory memory) {
        /** The message as a version of the wire writes it. */
        byte[] message(Serializer serializer, String topic) {
            return serializer instanceof V2Serializer
                    ? message
                    : serializer.broadcast(ref(offset), topic, broadcast.event(), broadcast.payload());
        }

        int bytes() {
            return bytes(message);
        }

        private static int bytes(byte[] message) {
            return message.length + OVERHEAD;
        }
    }

    /**
     * Where a member stands that joins.
     *
     * @param epoch which history
     * @param offset the newest that was kept when it joined; it gets everything after that
     * @param recovered whether {@code missed} is all that it missed
     * @param missed what it is sent, in order
     */
    record Resumed(String epoch, long offset, boolean recovered, List<Kept> missed) {
        Resumed withoutReplay() {
            dispose();
            return new Resumed(epoch, offset, false, List.of());
        }

        /** Gives what it would be sent back. */
        void dispose() {
            missed.forEach(each -> each.memory().release());
        }

        long bytes() {
            return missed.stream().mapToLong(Kept::bytes).sum();
        }

        /** The reply to a join with {@code history} as its last field: where a name is given twice, that one counts. */
        Payload.Json beside(Payload.Json reply) {
            String field = "\"history\":{\"epoch\":\"" + epoch + "\",\"offset\":" + offset + ",\"recovered\":"
                    + recovered + "}}";
            // Without its last brace, and without white space before that: a reply may be as some client wrote it.
            int end = reply.to() - 1;
            while (reply.bytes()[end - 1] <= ' ') {
                end--;
            }
            var both = new ByteArrayOutputStream(reply.length() + 1 + field.length());
            both.write(reply.bytes(), reply.from(), end - reply.from());
            if (end > reply.from() + 1) {
                both.write(',');
            }
            both.writeBytes(field.getBytes(StandardCharsets.US_ASCII));
            return new Payload.Json(both.toByteArray(), 0, both.size());
        }
    }

    static Ref ref(long offset) {
        return Ref.of("@" + offset);
    }

    boolean keeps(Broadcast broadcast) {
        return broadcast.payload() instanceof Payload.Json && bounds.events().contains(broadcast.event());
    }

    /** Whether all events of another definition are kept here. */
    boolean keepsAllOf(History other) {
        return bounds.events().containsAll(other.events());
    }

    /** The offset that the next kept broadcast has. */
    long next() {
        return newest + 1;
    }

    /** Keeps a broadcast under the next offset, and drops what is beyond the bounds then. */
    void keep(Broadcast broadcast, byte[] message, long now) {
        Payload payload = broadcast.payload();
        // A slice of the message, so that the client's frame is not kept as well; the payload is its last element.
        int end = message.length - 1;
        Broadcast slim =
                new Broadcast(broadcast.event(), new Payload.Json(message, end - payload.length(), end), null, null);
        Kept added = new Kept(++newest, now, slim, message, new SharedMemory(memory, Kept.bytes(message)));
        added.memory().retain();
        kept.add(added);
        grow(added.bytes());
        while (kept.size() > bounds.most() || bytes > bounds.bytes()) {
            drop();
        }
        expire(now);
    }

    /** Drops what has been kept for its time. */
    void expire(long now) {
        while (!kept.isEmpty() && now - kept.getFirst().at() >= bounds.age().toNanos()) {
            drop();
        }
    }

    /** Drops the oldest half, at least one. */
    void shrink() {
        for (int i = Math.ceilDiv(kept.size(), 2); i > 0; i--) {
            drop();
        }
    }

    private void drop() {
        Kept oldest = kept.remove();
        oldest.memory().release();
        grow(-oldest.bytes());
    }

    private void grow(long more) {
        bytes += more;
        grown.accept(more);
    }

    /** Drops everything. */
    void clear() {
        while (!kept.isEmpty()) {
            drop();
        }
    }

    long bytes() {
        return bytes;
    }

    /** For how long a broadcast is kept, and the history behind the last member, in nanoseconds. */
    long age() {
        return bounds.age().toNanos();
    }

    /** What a member is sent that joins; it is held until it is written, handled or {@link Resumed#dispose disposed}. */
    Resumed resume(Optional<Position> since, long now) {
        expire(now);
        long has = since.filter(position -> position.epoch().equals(epoch))
                .map(Position::offset)
                .orElse(-1L);
        long oldest = newest - kept.size() + 1;
        if (has < 0 || has > newest || has < oldest - 1) {
            return new Resumed(epoch, newest, false, List.of());
        }
        // From the end: after an outage everybody comes back at once, and has missed little of what is kept.
        Kept[] missed = new Kept[(int) (newest - has)];
        Iterator<Kept> back = kept.descendingIterator();
        for (int i = missed.length; i > 0; i--) {
            missed[i - 1] = back.next();
            missed[i - 1].memory().retain();
        }
        return new Resumed(epoch, newest, true, List.of(missed));
    }
}
