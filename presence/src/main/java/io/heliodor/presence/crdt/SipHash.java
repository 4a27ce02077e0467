package io.heliodor.presence.crdt;

/**
 * SipHash-2-4 (Aumasson and Bernstein: <i>SipHash: a fast short-input PRF</i>, 2012) of the chars of a string, as two bytes each, the low
 * one first. Without the two keys, strings with equal hashes cannot be found.
 */
final class SipHash {
    private long a;
    private long b;
    private long c;
    private long d;

    private SipHash(long key, long keyToo) {
        a = key ^ 0x736f6d6570736575L;
        b = keyToo ^ 0x646f72616e646f6dL;
        c = key ^ 0x6c7967656e657261L;
        d = keyToo ^ 0x7465646279746573L;
    }

    static long of(String text, long key, long keyToo) {
        var hash = new SipHash(key, keyToo);
        int whole = text.length() & ~3;
        for (int at = 0; at < whole; at += 4) {
            hash.take(word(text, at, at + 4));
        }
        hash.take(word(text, whole, text.length()) | (long) text.length() << 57);
        hash.c ^= 0xff;
        hash.rounds(4);
        return hash.a ^ hash.b ^ hash.c ^ hash.d;
    }

    private static long word(String text, int from, int to) {
        long word = 0;
        for (int at = from; at < to; at++) {
            word |= (long) text.charAt(at) << (16 * (at - from));
        }
        return word;
    }

    private void take(long word) {
        d ^= word;
        rounds(2);
        a ^= word;
    }

    private void rounds(int count) {
        for (int round = 0; round < count; round++) {
            a += b;
            b = Long.rotateLeft(b, 13) ^ a;
            a = Long.rotateLeft(a, 32);
            c += d;
            d = Long.rotateLeft(d, 16) ^ c;
            a += d;
            d = Long.rotateLeft(d, 21) ^ a;
            c += b;
            b = Long.rotateLeft(b, 17) ^ c;
            c = Long.rotateLeft(c, 32);
        }
    }
}
