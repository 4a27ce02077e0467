package io.heliodor.transport;

import io.heliodor.wire.Serializer;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/** How WebSocket frames of a server are laid out (RFC 6455, section 5.2): whole messages, not masked. */
final class Frames {
    static final int CONTINUATION = 0x0;
    static final int TEXT = 0x1;
    static final int BINARY = 0x2;
    static final int CLOSE = 0x8;
    static final int PING = 0x9;
    static final int PONG = 0xA;

    private static final int FIN = 0x80;

    private Frames() {}

    static int opcode(byte[] message) {
        return Serializer.isBinary(message) ? BINARY : TEXT;
    }

    static int size(int length) {
        return length + (length < 126 ? 2 : length < 1 << 16 ? 4 : 10);
    }

    static void write(ByteBuf out, int opcode, byte[] payload) {
        out.writeByte(FIN | opcode);
        int length = payload.length;
        if (length < 126) {
            out.writeByte(length);
        } else if (length < 1 << 16) {
            out.writeByte(126).writeShort(length);
        } else {
            out.writeByte(127).writeLong(length);
        }
        out.writeBytes(payload);
    }

    /** What finished frames carry; the buffer stays as it is. */
    static List<byte[]> payloads(ByteBuf frames) {
        List<byte[]> payloads = new ArrayList<>();
        ByteBuf in = frames.duplicate();
        while (in.isReadable()) {
            in.skipBytes(1);
            int length = in.readUnsignedByte();
            byte[] payload =
                    new byte[length < 126 ? length : length == 126 ? in.readUnsignedShort() : (int) in.readLong()];
            in.readBytes(payload);
            payloads.add(payload);
        }
        return payloads;
    }
}
