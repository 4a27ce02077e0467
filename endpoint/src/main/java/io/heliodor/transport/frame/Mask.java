package io.heliodor.transport.frame;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The masking of RFC 6455, section 5.3. */
final class Mask {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Mask() {}

    /**
     * Masks or unmasks bytes in place, eight at a time.
     *
     * @param mask the masking key, in big-endian order
     * @param offset the position of the first byte in the frame's payload
     */
    static void apply(int mask, int offset, byte[] bytes, int from, int count) {
        int rotated = Integer.rotateLeft(mask, (offset & 3) << 3);
        long eight = ((long) rotated << 32) | (rotated & 0xffffffffL);
        int at = from;
        int to = from + count;
        for (; at + 8 <= to; at += 8) {
            LONG.set(bytes, at, (long) LONG.get(bytes, at) ^ eight);
        }
        for (int i = 0; at < to; at++, i++) {
            bytes[at] ^= (byte) (rotated >>> (24 - ((i & 3) << 3)));
        }
    }
}
