package io.heliodor.document;

import io.heliodor.document.DocumentStore.Stored;
import io.heliodor.document.DocumentStore.Update;
import io.heliodor.event.Call;
import io.heliodor.event.Event;
import io.heliodor.event.InvalidPayload;
import io.heliodor.event.Reason;
import java.nio.ByteBuffer;
import java.util.Optional;

/** The messages of documents on the wire. Numbers in binary messages are big-endian. */
final class Messages {
    /** Requests a part of the log: the reply is {@link #encode}. */
    static final Call<Read, ByteBuffer, Reason> READ = Call.of("read", Read.class, ByteBuffer.class);

    /** A position, and an update; 0, or the last position that the update contains. */
    static final Call<ByteBuffer, Written, Reason> WRITE =
            Call.of("write", ByteBuffer.class, Written.class).refusing("read_only", "too_large", "full");

    /** An update that was stored, as a part of the log. */
    static final Event<ByteBuffer> UPDATED = Event.of("updated", ByteBuffer.class);

    /** An awareness update of y-protocols; to clients after the id of the client whose it is. */
    static final Event<ByteBuffer> AWARENESS = Event.of("awareness", ByteBuffer.class);

    private Messages() {}

    /**
     * The payload of a join.
     *
     * @param client the id by which Yjs names the client
     */
    record Enter(Optional<Long> client) {}

    /** The reply to a join. */
    record Entered(boolean write, int max_bytes) {}

    record Read(long after) {
        Read {
            if (after < 0) {
                throw new InvalidPayload("after", "must not be negative");
            }
        }
    }

    record Written(long position) {}

    /** The meta of a client's presence. */
    record Present(boolean write) {}

    /** The last position of the log, then position, length and content of each update. */
    static ByteBuffer encode(Stored part) {
        int bytes = Long.BYTES;
        for (Update update : part.updates()) {
            bytes += Long.BYTES + Integer.BYTES + update.content().length;
        }
        ByteBuffer message = ByteBuffer.allocate(bytes).putLong(part.last());
        for (Update update : part.updates()) {
            message.putLong(update.position()).putInt(update.content().length).put(update.content());
        }
        return message.flip();
    }

    static ByteBuffer encode(long client, ByteBuffer awareness) {
        return ByteBuffer.allocate(Long.BYTES + awareness.remaining())
                .putLong(client)
                .put(awareness.duplicate())
                .flip();
    }

    static byte[] remaining(ByteBuffer message) {
        byte[] bytes = new byte[message.remaining()];
        message.get(bytes);
        return bytes;
    }
}
