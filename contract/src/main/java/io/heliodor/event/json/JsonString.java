package io.heliodor.event.json;

import java.nio.charset.StandardCharsets;

/**
 * Conversion of strings to JSON text and back. The text is minimal: UTF-8, with escape sequences only where JSON requires them, and for
 * unpaired surrogates, which UTF-8 cannot represent. So two strings are equal if and only if their texts are.
 */
public final class JsonString {
    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

    /** The letters of the short escape sequences by control character; 0 for the others. */
    private static final byte[] SHORT = new byte[' '];

    static {
        SHORT['\b'] = 'b';
        SHORT['\t'] = 't';
        SHORT['\n'] = 'n';
        SHORT['\f'] = 'f';
        SHORT['\r'] = 'r';
    }

    private JsonString() {}

    /**
     * The text of a string with its quotes.
     *
     * @param value any string
     * @return UTF-8
     */
    public static byte[] quoted(String value) {
        byte[] text = new byte[quotedLength(value)];
        quote(value, text, 0);
        return text;
    }

    /**
     * The number of bytes that {@link #quote} writes.
     *
     * @param value any string
     * @return at least 2
     */
    public static int quotedLength(String value) {
        int length = 2;
        for (int i = 0; i < value.length(); i++) {
            char next = value.charAt(i);
            if (next < 0x80) {
                length += next < ' ' ? SHORT[next] == 0 ? 6 : 2 : next == '"' || next == '\\' ? 2 : 1;
            } else if (next < 0x800) {
                length += 2;
            } else if (!Character.isSurrogate(next)) {
                length += 3;
            } else if (isPair(value, i)) {
                length += 4;
                i++;
            } else {
                length += 6;
            }
        }
        return length;
    }

    /**
     * Writes a string with its quotes.
     *
     * @param value any string
     * @param to the array
     * @param from the index of the first quote
     * @return the index after the last quote
     */
    public static int quote(String value, byte[] to, int from) {
        int at = from;
        to[at++] = '"';
        for (int i = 0; i < value.length(); i++) {
            char next = value.charAt(i);
            if (next < 0x80) {
                if (next >= ' ' && next != '"' && next != '\\') {
                    to[at++] = (byte) next;
                } else if (next >= ' ') {
                    to[at++] = '\\';
                    to[at++] = (byte) next;
                } else if (SHORT[next] != 0) {
                    to[at++] = '\\';
                    to[at++] = SHORT[next];
                } else {
                    at = escape(next, to, at);
                }
            } else if (next < 0x800) {
                to[at++] = (byte) (0xc0 | next >> 6);
                to[at++] = tail(next);
            } else if (!Character.isSurrogate(next)) {
                to[at++] = (byte) (0xe0 | next >> 12);
                to[at++] = tail(next >> 6);
                to[at++] = tail(next);
            } else if (isPair(value, i)) {
                int point = Character.toCodePoint(next, value.charAt(++i));
                to[at++] = (byte) (0xf0 | point >> 18);
                to[at++] = tail(point >> 12);
                to[at++] = tail(point >> 6);
                to[at++] = tail(point);
            } else {
                at = escape(next, to, at);
            }
        }
        to[at++] = '"';
        return at;
    }

    /**
     * The string for a JSON text.
     *
     * @param text a text that {@link JsonScanner} has validated
     * @param from the index after its first quote
     * @param to the index of its last quote
     * @return the string
     */
    public static String unescaped(byte[] text, int from, int to) {
        StringBuilder value = new StringBuilder(to - from);
        int at = from;
        while (at < to) {
            int raw = at;
            while (at < to && text[at] != '\\') {
                at++;
            }
            value.append(new String(text, raw, at - raw, StandardCharsets.UTF_8));
            if (at < to) {
                byte kind = text[at + 1];
                value.append(kind == 'u' ? (char) hex(text, at + 2) : meaning(kind));
                at += kind == 'u' ? 6 : 2;
            }
        }
        return value.toString();
    }

    /**
     * The index of the quote that ends a string.
     *
     * @param text a text that {@link JsonScanner} has validated
     * @param from the index after its first quote
     * @return an index
     */
    public static int end(byte[] text, int from) {
        int at = from;
        while (text[at] != '"') {
            at += text[at] == '\\' ? 2 : 1;
        }
        return at;
    }

    private static char meaning(byte kind) {
        return switch (kind) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default -> (char) kind;
        };
    }

    private static int hex(byte[] text, int from) {
        int value = 0;
        for (int at = from; at < from + 4; at++) {
            value = value << 4 | Character.digit(text[at], 16);
        }
        return value;
    }

    private static int escape(char value, byte[] to, int at) {
        to[at] = '\\';
        to[at + 1] = 'u';
        for (int digit = 0; digit < 4; digit++) {
            to[at + 2 + digit] = HEX[(value >> (12 - 4 * digit)) & 0xf];
        }
        return at + 6;
    }

    /** A continuation byte of UTF-8. */
    private static byte tail(int bits) {
        return (byte) (0x80 | (bits & 0x3f));
    }

    private static boolean isPair(String value, int at) {
        return Character.isHighSurrogate(value.charAt(at))
                && at + 1 < value.length()
                && Character.isLowSurrogate(value.charAt(at + 1));
    }
}
