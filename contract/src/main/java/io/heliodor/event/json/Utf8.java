package io.heliodor.event.json;

/** Validation of UTF-8 by RFC 3629: no overlong forms, no surrogates, no code points above U+10FFFF. */
public final class Utf8 {
    private Utf8() {}

    /**
     * The length of the character that begins with a byte that is not ASCII.
     *
     * @param bytes an array that contains it
     * @param at the index of its first byte
     * @param to the index after the last byte of the text
     * @return 2 to 4 bytes; 0 if it is malformed or incomplete
     */
    public static int length(byte[] bytes, int at, int to) {
        int lead = bytes[at] & 0xff;
        int left = to - at;
        if (lead < 0xc2) {
            return 0;
        }
        if (lead < 0xe0) {
            return left > 1 && continues(bytes[at + 1]) ? 2 : 0;
        }
        if (lead < 0xf0) {
            return left > 2
                            && within(bytes[at + 1], lead == 0xe0 ? 0xa0 : 0x80, lead == 0xed ? 0x9f : 0xbf)
                            && continues(bytes[at + 2])
                    ? 3
                    : 0;
        }
        return lead < 0xf5
                        && left > 3
                        && within(bytes[at + 1], lead == 0xf0 ? 0x90 : 0x80, lead == 0xf4 ? 0x8f : 0xbf)
                        && continues(bytes[at + 2])
                        && continues(bytes[at + 3])
                ? 4
                : 0;
    }

    /**
     * Whether a range is valid UTF-8.
     *
     * @param bytes an array that contains it
     * @param from the index of its first byte
     * @param to the index after its last byte
     * @return whether it is
     */
    public static boolean valid(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            if (bytes[at] >= 0) {
                at++;
                continue;
            }
            int length = length(bytes, at, to);
            if (length == 0) {
                return false;
            }
            at += length;
        }
        return true;
    }

    private static boolean continues(byte next) {
        return (next & 0xc0) == 0x80;
    }

    private static boolean within(byte next, int low, int high) {
        int value = next & 0xff;
        return value >= low && value <= high;
    }
}
