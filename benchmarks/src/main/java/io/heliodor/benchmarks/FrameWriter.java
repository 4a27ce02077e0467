package io.heliodor.benchmarks;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A writer of masked frames, into one reused direct buffer. */
final class FrameWriter {
    static final int TEXT = 1;
    static final int CLOSE = 8;
    static final int PONG = 10;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final int MAX_HEADER = 14;

    private final ByteBuffer out;
    private int seed = (int) System.nanoTime() | 1;

    FrameWriter(int maxPayload) {
        out = ByteBuffer.allocateDirect(maxPayload + MAX_HEADER);
    }

    /** The finished frame, ready to be written; valid until the next call. */
    ByteBuffer frame(int opcode, byte[] payload, int length) {
        out.clear();
        out.put((byte) (0x80 | opcode));
        if (length < 126) {
            out.put((byte) (0x80 | length));
        } else if (length < 65_536) {
            out.put((byte) (0x80 | 126)).putShort((short) length);
        } else {
            out.put((byte) (0x80 | 127)).putLong(length);
        }
        int mask = nextMask();
        out.putInt(mask);
        long wide = ((long) mask << 32) | (mask & 0xffff_ffffL);
        int at = 0;
        for (; at + Long.BYTES <= length; at += Long.BYTES) {
            out.putLong((long) LONGS.get(payload, at) ^ wide);
        }
        for (; at < length; at++) {
            out.put((byte) (payload[at] ^ (mask >>> (24 - 8 * (at & 3)))));
        }
        return out.flip();
    }

    /** Xorshift: a mask protects proxies from scripts, and there are neither here. */
    private int nextMask() {
        seed ^= seed << 13;
        seed ^= seed >>> 17;
        seed ^= seed << 5;
        return seed;
    }
}
