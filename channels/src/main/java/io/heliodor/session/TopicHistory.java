package io.heliodor.session;

import io.heliodor.channel.History;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Position;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import io.heliodor.wire.V2Serializer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The last broadcasts of one topic, numbered. Pure: its topic's lock guards it, and brings the time.
 */
final class TopicHistory {
    /** What a kept broadcast costs beside its message. */
    private static final int OVERHEAD = 96;

    private final History bounds;
    private final String epoch;
    private final ArrayDeque<Kept> kept = new ArrayDeque<>();
    private long newest;
    private long bytes;

    TopicHistory(History bounds, String epoch) {
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
     */
    @SuppressWarnings("ArrayRecordComponent") // shared with all who get it: never compared, never copied
    record Kept(long offset, long at, Broadcast broadcast, byte[] message) {
        /** The message as a version of the wire writes it. */
        byte[] message(Serializer serializer, String topic) {
            return serializer instanceof V2Serializer
                    ? message
                    : serializer.broadcast(ref(offset), topic, broadcast.event(), broadcast.payload());
        }

        int bytes() {
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
        /** The reply to a join with {@code history} as its first field. */
        Payload.Json beside(Payload.Json reply) {
            byte[] head = ("{\"history\":{\"epoch\":\"" + epoch + "\",\"offset\":" + offset + ",\"recovered\":"
                            + recovered + "}")
                    .getBytes(StandardCharsets.US_ASCII);
            boolean alone = reply.length() == 2;
            byte[] both = Arrays.copyOf(head, head.length + reply.length() - (alone ? 1 : 0));
            both[head.length] = ',';
            // Behind the brace that head has already; of an empty object only the closing brace is left.
            System.arraycopy(reply.bytes(), reply.from() + 1, both, head.length + (alone ? 0 : 1), reply.length() - 1);
            return new Payload.Json(both, 0, both.length);
        }
    }

    static Ref ref(long offset) {
        return Ref.of("@" + offset);
    }

    boolean keeps(Broadcast broadcast) {
        return broadcast.payload() instanceof Payload.Json && bounds.events().contains(broadcast.event());
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
        Kept added = new Kept(++newest, now, slim, message);
        kept.add(added);
        bytes += added.bytes();
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
        bytes -= kept.remove().bytes();
    }

    long bytes() {
        return bytes;
    }

    /** For how long a broadcast is kept, and the history behind the last member, in nanoseconds. */
    long age() {
        return bounds.age().toNanos();
    }

    Resumed resume(Optional<Position> since, long now) {
        expire(now);
        long has = since.filter(position -> position.epoch().equals(epoch))
                .map(Position::offset)
                .orElse(-1L);
        long oldest = newest - kept.size() + 1;
        if (has < 0 || has > newest || has < oldest - 1) {
            return new Resumed(epoch, newest, false, List.of());
        }
        List<Kept> missed = new ArrayList<>((int) (newest - has));
        for (Kept each : kept) {
            if (each.offset() > has) {
                missed.add(each);
            }
        }
        return new Resumed(epoch, newest, true, missed);
    }
}
