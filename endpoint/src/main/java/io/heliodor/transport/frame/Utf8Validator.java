package io.heliodor.transport.frame;

/** An incremental validator of UTF-8 (RFC 3629), which rejects at the first byte that cannot be valid. */
final class Utf8Validator {
    private int missing;
    private int low = 0x80;
    private int high = 0xbf;

    /** Validates the next bytes; false if no continuation can make the text valid. */
    boolean accept(byte[] bytes, int from, int count) {
        for (int i = from; i < from + count; i++) {
            if (!accept(bytes[i] & 0xff)) {
                return false;
            }
        }
        return true;
    }

    /** Whether the bytes so far end at the end of a character. */
    boolean complete() {
        return missing == 0;
    }

    private boolean accept(int next) {
        if (missing == 0) {
            return next < 0x80 || lead(next);
        }
        if (next < low || next > high) {
            return false;
        }
        low = 0x80;
        high = 0xbf;
        missing--;
        return true;
    }

    private boolean lead(int next) {
        if (next < 0xc2 || next > 0xf4) {
            return false;
        }
        if (next < 0xe0) {
            missing = 1;
        } else if (next < 0xf0) {
            missing = 2;
            low = next == 0xe0 ? 0xa0 : 0x80;
            high = next == 0xed ? 0x9f : 0xbf;
        } else {
            missing = 3;
            low = next == 0xf0 ? 0x90 : 0x80;
            high = next == 0xf4 ? 0x8f : 0xbf;
        }
        return true;
    }
}
