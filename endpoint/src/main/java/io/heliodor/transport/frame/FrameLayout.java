package io.heliodor.transport.frame;

import io.heliodor.wire.Serializer;
import io.heliodor.wire.Slice;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/** The layout of a server's WebSocket frames (RFC 6455, section 5.2): unmasked, one frame for each message. */
public final class FrameLayout {
    static final int CONTINUATION = 0x0;
    static final int TEXT = 0x1;
    static final int BINARY = 0x2;
    public static final int CLOSE = 0x8;
    static final int PING = 0x9;
    public static final int PONG = 0xA;

    /** The bit in the first frame of a compressed message (RFC 7692). */
    public static final int RSV1 = 0x40;

    private static final int FIN = 0x80;

    private FrameLayout() {}

    public static int opcode(byte[] message) {
        return Serializer.isBinary(message) ? BINARY : TEXT;
    }

    public static int size(int length) {
        return length + (length < 126 ? 2 : length < 1 << 16 ? 4 : 10);
    }

    public static void write(ByteBuf out, int opcode, byte[] payload) {
        out.writeByte(FIN | opcode);
        writeLength(out, payload.length);
        out.writeBytes(payload);
    }

    /** Writes a fragment of a text message: slices of that length together. */
    public static void writePiece(ByteBuf out, List<Slice> piece, int length, boolean first, boolean last) {
        out.writeByte((last ? FIN : 0) | (first ? TEXT : CONTINUATION));
        writeLength(out, length);
        for (Slice slice : piece) {
            out.writeBytes(slice.bytes(), slice.from(), slice.length());
        }
    }

    private static void writeLength(ByteBuf out, int length) {
        if (length < 126) {
            out.writeByte(length);
        } else if (length < 1 << 16) {
            out.writeByte(126).writeShort(length);
        } else {
            out.writeByte(127).writeLong(length);
        }
    }

    /** The payload length of a frame that {@link #write} has written. */
    public static int length(ByteBuf frames, int at) {
        return switch (frames.getByte(at + 1)) {
            case 126 -> frames.getUnsignedShort(at + 2);
            case 127 -> (int) frames.getLong(at + 2);
            default -> frames.getByte(at + 1);
        };
    }

    /** A slice with the frames of an index range, from 0, among those that {@link #write} has written. It is not retained. */
    public static ByteBuf range(ByteBuf frames, int from, int to) {
        int begin = after(frames, frames.readerIndex(), from);
        return frames.slice(begin, after(frames, begin, to - from) - begin);
    }

    private static int after(ByteBuf frames, int at, int count) {
        int end = at;
        for (int i = 0; i < count; i++) {
            end += size(length(frames, end));
        }
        return end;
    }

    /** The payloads of frames; the indices of the buffer stay as they are. */
    public static List<byte[]> payloads(ByteBuf frames) {
        List<byte[]> payloads = new ArrayList<>();
        int at = frames.readerIndex();
        while (at < frames.writerIndex()) {
            byte[] payload = new byte[length(frames, at)];
            at += size(payload.length);
            frames.getBytes(at - payload.length, payload);
            payloads.add(payload);
        }
        return payloads;
    }
}
