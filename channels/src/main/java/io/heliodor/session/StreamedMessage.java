package io.heliodor.session;

import io.heliodor.wire.Payload;
import io.heliodor.wire.Serializer;

/**
 * A large message for one client whose payload many share. It is written in pieces, as fast as the client reads, so that it
 * is never copied as a whole. Used on its lane's thread, apart from its creation.
 */
final class StreamedMessage {
    /** A message up to this size goes out in one piece. */
    static final int LARGE = 32 << 10;

    private static final int PIECE = 16 << 10;

    private final ChannelProcess<?, ?> channel;
    private final SharedMemory memory;
    private final Serializer.Envelope envelope;
    private final Payload.Json payload;
    private int at;

    StreamedMessage(
            ChannelProcess<?, ?> channel, Serializer.Envelope envelope, Payload.Json payload, SharedMemory memory) {
        memory.retain();
        this.memory = memory;
        this.channel = channel;
        this.envelope = envelope;
        this.payload = payload;
        this.at = payload.from();
    }

    /** How many bytes it has. */
    int length() {
        return envelope.head().length + payload.length() + envelope.tail().length;
    }

    /** Gives the payload back. Once, when it is written or dropped. */
    void dispose() {
        memory.release();
    }

    /** Writes the next piece. False if there is none any more. */
    boolean write(Connection connection) {
        if (at == payload.from()) {
            if (!channel.open()) {
                return false; // nobody wants it any more; once begun it must be ended
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
