package io.heliodor.session.lane;

import io.heliodor.session.budget.SharedMemory;
import io.heliodor.wire.Serializer;
import io.heliodor.wire.Slice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
    private final List<Slice> payload;

    /** The next slice of the payload to write, and how much of it is written. */
    private int slice;

    private int offset;

    /** {@code open}: whether its channel is open; else it is dropped, unless a piece of it was written. */
    public StreamedMessage(
            BooleanSupplier open, Serializer.Envelope envelope, List<Slice> payload, SharedMemory memory) {
        memory.retain();
        this.memory = memory;
        this.open = open;
        this.envelope = envelope;
        this.payload = payload;
    }

    /** The length of the message in bytes. */
    public long length() {
        return envelope.head().length + memory.bytes() + envelope.tail().length;
    }

    /** The message with another payload, as one array. */
    public byte[] around(byte[] other) {
        byte[] head = envelope.head();
        byte[] tail = envelope.tail();
        byte[] message = Arrays.copyOf(head, head.length + other.length + tail.length);
        System.arraycopy(other, 0, message, head.length, other.length);
        System.arraycopy(tail, 0, message, head.length + other.length, tail.length);
        return message;
    }

    /** Gives the payload back. Once, when the message is written or dropped. */
    public void dispose() {
        memory.release();
    }

    /** Writes the next piece. Returns whether another one is left. */
    boolean write(Connection connection) {
        if (slice == 0 && offset == 0) {
            if (!open.getAsBoolean()) {
                return false;
            }
            connection.write(List.of(new Slice(envelope.head())), true, false);
        }
        connection.write(nextPiece(), false, false);
        if (slice < payload.size()) {
            return true;
        }
        connection.write(List.of(new Slice(envelope.tail())), false, true);
        return false;
    }

    private List<Slice> nextPiece() {
        List<Slice> piece = new ArrayList<>();
        int room = PIECE;
        while (room > 0 && slice < payload.size()) {
            Slice whole = payload.get(slice);
            Slice part = whole.part(offset, room);
            piece.add(part);
            room -= part.length();
            offset += part.length();
            if (offset == whole.length()) {
                slice++;
                offset = 0;
            }
        }
        return piece;
    }
}
