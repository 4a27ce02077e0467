package io.heliodor.transport.frame;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The masking of RFC 6455, section 5.3. */
final class Mask {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Mask() {}

    /**
     * Masks or unmasks in place, eight bytes at a time.
     *
     * @param mask the key as it stands in the frame, first byte highest
     * @param offset how many bytes of the frame's payload came before
     */
    static void apply(int mask, int offset, byte[] bytes, int from, int count) {
        int turned = Integer.rotateLeft(mask, (offset & 3) << 3);
        long eight = ((long) turned << 32) | (turned & 0xffffffffL);
        int at = from;
        int to = from + count;
        for (; at + 8 <= to; at += 8) {
            LONG.set(bytes, at, (long) LONG.get(bytes, at) ^ eight);
        }
        for (int i = 0; at < to; at++, i++) {
            bytes[at] ^= (byte) (turned >>> (24 - ((i & 3) << 3)));
        }
    }
}
