package io.heliodor.transport.frame;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** WebSocket frames as a client writes them, good and bad ones, put together in the plainest way. */
public final class ClientFrames {
    public static final int FIN = 0x80;
    public static final int MASKED = 0x80;
    private static final int MASK = 0x9a3c_5e01;

    private ClientFrames() {}

    /** A good frame: the first byte as given, the length in its shortest form. */
    public static byte[] frame(int first, byte[] payload) {
        return frame(first, MASK, payload);
    }

    /** A good frame with this mask. */
    public static byte[] frame(int first, int mask, byte[] payload) {
        int length = payload.length;
        byte[] header = length < 126 ? header(first, length) : header(first, length < 1 << 16 ? 126 : 127, length);
        return concat(header, four(mask), masked(mask, payload));
    }

    public static byte[] text(String text) {
        return frame(FIN | FrameLayout.TEXT, utf8(text));
    }

    public static byte[] binary(byte[] payload) {
        return frame(FIN | FrameLayout.BINARY, payload);
    }

    public static byte[] ping(String payload) {
        return frame(FIN | FrameLayout.PING, utf8(payload));
    }

    /** A close frame with a code and a reason. */
    public static byte[] close(int code, String reason) {
        byte[] text = utf8(reason);
        return frame(FIN | FrameLayout.CLOSE, concat(new byte[] {(byte) (code >> 8), (byte) code}, text));
    }

    /** The first two bytes of a frame, with the mask bit. */
    public static byte[] header(int first, int seven) {
        return new byte[] {(byte) first, (byte) (MASKED | seven)};
    }

    /** A header with an extended length: of two bytes if {@code seven} is 126, of eight if it is 127. */
    public static byte[] header(int first, int seven, long length) {
        ByteBuffer extended = ByteBuffer.allocate(seven == 126 ? 2 : 8);
        if (seven == 126) {
            extended.putShort((short) length);
        } else {
            extended.putLong(length);
        }
        return concat(header(first, seven), extended.array());
    }

    /** A header, complete with its mask, that announces a payload. */
    public static byte[] announce(int first, long length) {
        return concat(header(first, 127, length), four(MASK));
    }

    static byte[] masked(int mask, byte[] payload) {
        byte[] key = four(mask);
        byte[] result = payload.clone();
        for (int i = 0; i < result.length; i++) {
            result[i] ^= key[i % 4];
        }
        return result;
    }

    public static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    public static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    public static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static byte[] four(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }
}
