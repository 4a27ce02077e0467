package io.heliodor.session.lane;

import io.heliodor.session.budget.SharedMemory;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Serializer;
import java.util.function.BooleanSupplier;

/**
 * A large message for one client whose payload many clients share. It is written in pieces, as fast as the client reads, so
 * that it is never copied as a whole. Used on its lane's thread, except for its creation.
 */
public final class StreamedMessage {
    /** A message up to this size goes out in one piece. */
    public static final int LARGE = 32 << 10;

    private static final int PIECE = 16 << 10;

    private final BooleanSupplier open;
    private final SharedMemory memory;
    private final Serializer.Envelope envelope;
    private final Payload.Json payload;
    private int at;

    /** {@code open}: whether its channel is open; else it is dropped, unless a piece of it was written. */
    public StreamedMessage(
            BooleanSupplier open, Serializer.Envelope envelope, Payload.Json payload, SharedMemory memory) {
        memory.retain();
        this.memory = memory;
        this.open = open;
        this.envelope = envelope;
        this.payload = payload;
        this.at = payload.from();
    }

    /** The length of the message in bytes. */
    int length() {
        return envelope.head().length + payload.length() + envelope.tail().length;
    }

    /** Gives the payload back. Once, when the message is written or dropped. */
    public void dispose() {
        memory.release();
    }

    /** Writes the next piece. Returns whether another one is left. */
    boolean write(Connection connection) {
        if (at == payload.from()) {
            if (!open.getAsBoolean()) {
                return false;
            }
            connection.write(envelope.head(), 0, envelope.head().length, true, false);
        }
        int end = Math.min(at + PIECE, payload.to());
        connection.write(payload.bytes(), at, end, false, false);
        at = end;
        if (at < payload.to()) {
            return true;
        }
        connection.write(envelope.tail(), 0, envelope.tail().length, false, true);
        return false;
    }
}
