package io.heliodor.benchmarks;

import java.io.ByteArrayOutputStream;

/** Writes the frames that a server sends. */
final class Frames {
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int LAST = 0x80;

    private Frames() {}

    static byte[] frame(int firstByte, byte[] payload) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(firstByte);
        int length = payload.length;
        if (length < 126) {
            out.write(length);
        } else if (length < 65_536) {
            out.write(126);
            out.write(length >>> 8);
            out.write(length);
        } else {
            out.write(127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                out.write((int) ((long) length >>> shift));
            }
        }
        out.writeBytes(payload);
        return out.toByteArray();
    }

    static byte[] text(byte[] payload) {
        return frame(LAST | TEXT, payload);
    }

    static byte[] close(int code) {
        return frame(LAST | CLOSE, new byte[] {(byte) (code >>> 8), (byte) code});
    }
}
