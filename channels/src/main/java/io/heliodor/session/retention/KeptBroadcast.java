package io.heliodor.session.retention;

import io.heliodor.history.ResumeResult;
import io.heliodor.history.ResumeToken;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.budget.SharedMemory;
import io.heliodor.session.fanout.Broadcast;
import io.heliodor.session.fanout.SlowDeliveries;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import io.heliodor.wire.V2Serializer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A broadcast in the log of its topic. Once its token is known it is the message as version 2 writes it: members get these bytes,
 * live and repeated. Until then the topic's lock guards it.
 */
public final class KeptBroadcast {
    private final MemoryBudget budget;

    /** Null until it is kept. */
    private @Nullable SharedMemory memory;

    private Broadcast broadcast;

    private final SlowDeliveries slow;

    /** Null until it is delivered, and where it has the sign that messages before it are missing. */
    private byte @Nullable [] message;

    KeptBroadcast(Broadcast broadcast, SlowDeliveries slow, MemoryBudget budget) {
        this.broadcast = broadcast;
        this.slow = slow;
        this.budget = budget;
    }

    /** It is kept, and counts for some bytes. */
    void keep(int bytes) {
        memory = new SharedMemory(budget, bytes);
        memory.retain();
    }

    /** The bytes that it counts for. It must have been kept. */
    int bytes() {
        return Math.toIntExact(memory().bytes());
    }

    /** Counts it once while the log or replays hold it. It must have been kept. */
    SharedMemory memory() {
        return Objects.requireNonNull(memory);
    }

    /** The deliveries to lagging members, if it is not kept. */
    SlowDeliveries slow() {
        return slow;
    }

    Broadcast broadcast() {
        return broadcast;
    }

    /** It is delivered: its payload is a slice of the message from now on, so that the publisher's bytes are not kept as well. */
    void deliver(byte[] encoded, boolean afterGap) {
        // The payload is the last element.
        int end = encoded.length - 1;
        int from = end - broadcast.payload().length();
        // Each message of another node comes with a name of its own.
        broadcast = new Broadcast(broadcast.event().intern(), new Payload.Json(encoded, from, end), null, null);
        message = afterGap ? null : encoded;
    }

    /** The ref with which a member gets it again. */
    static Ref ref(ResumeResult.Missed<KeptBroadcast> missed) {
        return Ref.of(missed.token().text());
    }

    /** The message with which a member gets it again. */
    @SuppressWarnings("ReferenceEquality") // equal tokens that are not the same are written again
    static byte[] message(ResumeResult.Missed<KeptBroadcast> missed, Serializer serializer, String topic) {
        KeptBroadcast kept = missed.kept().content();
        byte[] stored = kept.message;
        boolean same = missed.token() == missed.kept().token();
        return same && stored != null && serializer instanceof V2Serializer
                ? stored
                : serializer.broadcast(ref(missed), topic, kept.broadcast.event(), kept.broadcast.payload());
    }

    /** Whether a token shows that messages before it are missing. */
    public static boolean isAfterGap(Ref token) {
        return token.toString().endsWith(ResumeToken.GAP + "\"");
    }

    /** The token that shows that messages before it are missing. */
    public static Ref afterGap(Ref token) {
        String text = token.toString();
        return isAfterGap(token) ? token : Ref.of(text.substring(1, text.length() - 1) + ResumeToken.GAP);
    }
}
