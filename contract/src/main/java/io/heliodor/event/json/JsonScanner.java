package io.heliodor.event.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A validator of JSON (RFC 8259, in UTF-8) in one pass. It builds no values, does not recurse, never throws, and reads no byte outside the
 * given range. It allocates only beyond {@link JsonLimit#DEPTH}: a bit for each level.
 *
 * <p>Its functions move a <em>cursor</em>: a position, the limits that are exceeded so far, and the size of the escape sequences so far,
 * packed into a long. A negative cursor is a fault, and every function returns a fault unchanged. So a caller may chain calls and check
 * the result once. A text beyond a {@link JsonLimit} is scanned to its end, so that the other parts of a message can be read.
 *
 * <p>{@code \ud800} without its other half is grammatical, and valid.
 */
public final class JsonScanner {
    /** The fault of a text that is not JSON. */
    public static final long NOT_JSON = -1;

    /** The fault of a text that is not UTF-8. */
    public static final long NOT_UTF8 = -2;

    // A cursor, from the lowest bit: 32 bits of position, one for each limit, 28 of escaped bytes (no message has as
    // many), the sign.
    private static final long TOO_DEEP = 1L << 32;
    private static final long LONG_NUMBER = 1L << 33;
    private static final long LONG_KEY = 1L << 34;
    private static final int ESCAPED = 35;
    private static final long STATE = -1L << 32;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long[] NONE = {};
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = ONES << 7;

    private JsonScanner() {}

    /**
     * A cursor at the beginning of a message.
     *
     * @param from the index of its first byte
     * @return the cursor
     */
    public static long start(int from) {
        return from;
    }

    /**
     * The position of a cursor.
     *
     * @param cursor a cursor that is not a fault
     * @return an index
     */
    public static int at(long cursor) {
        return (int) cursor;
    }

    /**
     * Whether there are escape sequences between two cursors in one string.
     *
     * @param before the first
     * @param after the second
     * @return whether there are
     */
    public static boolean escaped(long before, long after) {
        return before >>> ESCAPED != after >>> ESCAPED;
    }

    /**
     * A limit that was exceeded before a cursor.
     *
     * @param cursor a cursor that is not a fault
     * @return the limit; null for none
     */
    public static @Nullable JsonLimit exceeded(long cursor) {
        if ((cursor & TOO_DEEP) != 0) {
            return JsonLimit.DEPTH;
        }
        if ((cursor & LONG_NUMBER) != 0) {
            return JsonLimit.NUMBER;
        }
        return (cursor & LONG_KEY) != 0 ? JsonLimit.KEY : null;
    }

    /**
     * The end of a text that is one value with optional white space around it.
     *
     * @param json an array that contains the text
     * @param from the index of its first byte
     * @param to the index after its last byte
     * @return a cursor, or a fault
     */
    public static long text(byte[] json, int from, int to) {
        long end = space(json, value(json, space(json, start(from), to), to, 0), to);
        return end < 0 || at(end) == to ? end : NOT_JSON;
    }

    /**
     * A cursor after the white space at a cursor.
     *
     * @param json an array that contains the text
     * @param cursor a cursor, or a fault
     * @param to the index after the last byte of the text
     * @return a cursor, or the fault
     */
    public static long space(byte[] json, long cursor, int to) {
        return cursor < 0 ? cursor : (cursor & STATE) | space(json, (int) cursor, to);
    }

    /**
     * A cursor after a mark such as a comma.
     *
     * @param json an array that contains the text
     * @param cursor a cursor, or a fault
     * @param to the index after the last byte of the text
     * @param mark the mark
     * @return a cursor, or a fault if another character is there
     */
    public static long mark(byte[] json, long cursor, int to, char mark) {
        if (cursor < 0) {
            return cursor;
        }
        int at = (int) cursor;
        return at < to && json[at] == mark ? cursor + 1 : NOT_JSON;
    }

    /**
     * A cursor after the value that begins at a cursor.
     *
     * @param json an array that contains the text
     * @param cursor a cursor, or a fault
     * @param to the index after the last byte of the text
     * @param outer the number of open arrays and objects around the value
     * @return a cursor, or a fault
     */
    public static long value(byte[] json, long cursor, int to, int outer) {
        if (cursor < 0) {
            return cursor;
        }
        int at = (int) cursor;
        long state = cursor & STATE;
        int depth = 0; // the open arrays and objects of this value
        long objects = 0; // a bit for each of them, the innermost lowest: whether it is an object
        long[] further = NONE; // the bits of 64 outer levels each, if there are more
        while (true) {
            if ((objects & 1) != 0) {
                long end = key(json, state | at, to);
                if (end < 0) {
                    return end;
                }
                at = (int) end;
                state = end & STATE;
            }
            if (at == to) {
                return NOT_JSON;
            }
            byte first = json[at];
            if (first == '"') {
                long end = string(json, state | at, to);
                if (end < 0) {
                    return end;
                }
                at = (int) end;
                state = end & STATE;
            } else if (first == '{' || first == '[') {
                if (depth + outer >= JsonLimit.MAX_DEPTH) {
                    state |= TOO_DEEP;
                }
                at = space(json, at + 1, to);
                if (at == to) {
                    return NOT_JSON;
                }
                if (json[at] == first + 2) { // in ASCII both closing brackets follow their opening one at this distance
                    at++;
                } else {
                    if (depth != 0 && depth % Long.SIZE == 0) {
                        further = with(further, depth / Long.SIZE - 1, objects);
                    }
                    depth++;
                    objects = objects << 1 | (first == '{' ? 1 : 0);
                    continue;
                }
            } else {
                boolean number = first == '-' || isDigit(first);
                int end = number ? number(json, at, to) : word(json, at, to);
                if (end < 0) {
                    return NOT_JSON;
                }
                if (number && end - at > JsonLimit.MAX_NUMBER) {
                    state |= LONG_NUMBER;
                }
                at = end;
            }

            // A value ends here: close the arrays and objects that end with it, up to the next comma.
            while (true) {
                if (depth == 0) {
                    return state | at;
                }
                at = space(json, at, to);
                if (at == to) {
                    return NOT_JSON;
                }
                byte next = json[at++];
                if (next == ',') {
                    at = space(json, at, to);
                    break;
                }
                if (next != ((objects & 1) != 0 ? '}' : ']')) {
                    return NOT_JSON;
                }
                depth--;
                objects = depth != 0 && depth % Long.SIZE == 0 ? further[depth / Long.SIZE - 1] : objects >>> 1;
            }
        }
    }

    private static long[] with(long[] further, int index, long objects) {
        long[] grown = index < further.length ? further : Arrays.copyOf(further, Math.max(8, 2 * further.length));
        grown[index] = objects;
        return grown;
    }

    /**
     * A cursor after a key, its colon and the white space around that.
     *
     * @param json an array that contains the text
     * @param cursor a cursor, or a fault
     * @param to the index after the last byte of the text
     * @return a cursor, or a fault
     */
    public static long key(byte[] json, long cursor, int to) {
        if (cursor < 0) {
            return cursor;
        }
        if ((int) cursor == to || json[(int) cursor] != '"') {
            return NOT_JSON;
        }
        long end = string(json, cursor, to);
        if (end < 0) {
            return end;
        }
        if ((int) end - (int) cursor - 2 > JsonLimit.MAX_KEY) {
            end |= LONG_KEY;
        }
        return space(json, mark(json, space(json, end, to), to, ':'), to);
    }

    /** A cursor after the string whose opening quote is at a cursor, or a fault. */
    private static long string(byte[] json, long cursor, int to) {
        int at = (int) cursor + 1;
        long state = cursor & STATE;
        while (true) {
            at = plain(json, at, to);
            if (at == to) {
                return NOT_JSON;
            }
            byte next = json[at];
            if (next == '"') {
                return state | at + 1;
            }
            if (next < 0) {
                do {
                    int length = Utf8.length(json, at, to);
                    if (length == 0) {
                        return NOT_UTF8;
                    }
                    at += length;
                } while (at < to && json[at] < 0);
            } else {
                int from = at;
                while (at < to && json[at] == '\\') {
                    int length = escape(json, at, to);
                    if (length == 0) {
                        return NOT_JSON;
                    }
                    at += length;
                }
                if (at == from) {
                    return NOT_JSON; // a control character
                }
                state += (long) (at - from) << ESCAPED;
            }
        }
    }

    /** The index of the first quote, backslash, control character, or byte that is not ASCII. */
    static int plain(byte[] json, int from, int to) {
        int at = from;
        for (int last = to - Long.BYTES; at <= last; at += Long.BYTES) {
            long word = (long) LONG.get(json, at);
            // A borrow can only cause a false alarm in a byte above a true one, and only the lowest is used.
            long alarms = (word | (word - ONES * ' ') | ((word ^ ONES * '"') - ONES) | ((word ^ ONES * '\\') - ONES))
                    & HIGH_BITS;
            if (alarms != 0) {
                return at + (Long.numberOfTrailingZeros(alarms) >>> 3);
            }
        }
        while (at < to && json[at] >= ' ' && json[at] != '"' && json[at] != '\\') {
            at++;
        }
        return at;
    }

    /** Whether all bytes are ASCII, and none is a backslash: its strings hold a byte for each of their characters. */
    static boolean isPlain(byte[] json, int from, int to) {
        int at = from;
        for (int last = to - Long.BYTES; at <= last; at += Long.BYTES) {
            long word = (long) LONG.get(json, at);
            if (((word | ((word ^ ONES * '\\') - ONES)) & HIGH_BITS) != 0) {
                return false;
            }
        }
        while (at < to && json[at] >= 0 && json[at] != '\\') {
            at++;
        }
        return at == to;
    }

    /** The length of an escape sequence; 0 if it is not one. */
    private static int escape(byte[] json, int at, int to) {
        if (to - at < 2) {
            return 0;
        }
        return switch (json[at + 1]) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> 2;
            case 'u' ->
                to - at >= 6 && isHex(json[at + 2]) && isHex(json[at + 3]) && isHex(json[at + 4]) && isHex(json[at + 5])
                        ? 6
                        : 0;
            default -> 0;
        };
    }

    /** The end of a number, or a negative value. */
    private static int number(byte[] json, int from, int to) {
        int at = json[from] == '-' ? from + 1 : from;
        int end = at < to && json[at] == '0' ? at + 1 : digits(json, at, to);
        if (end >= 0 && end < to && json[end] == '.') {
            end = digits(json, end + 1, to);
        }
        if (end >= 0 && end < to && (json[end] == 'e' || json[end] == 'E')) {
            at = end + 1;
            end = digits(json, at < to && (json[at] == '+' || json[at] == '-') ? at + 1 : at, to);
        }
        return end;
    }

    /** The end of one or more digits, or a negative value if there are none. */
    private static int digits(byte[] json, int from, int to) {
        int at = from;
        while (at < to && isDigit(json[at])) {
            at++;
        }
        return at == from ? -1 : at;
    }

    /** The end of {@code true}, {@code false} or {@code null}, or a negative value. */
    private static int word(byte[] json, int at, int to) {
        return switch (json[at]) {
            case 't' -> to - at > 3 && json[at + 1] == 'r' && json[at + 2] == 'u' && json[at + 3] == 'e' ? at + 4 : -1;
            case 'n' -> to - at > 3 && json[at + 1] == 'u' && json[at + 2] == 'l' && json[at + 3] == 'l' ? at + 4 : -1;
            case 'f' ->
                to - at > 4 && json[at + 1] == 'a' && json[at + 2] == 'l' && json[at + 3] == 's' && json[at + 4] == 'e'
                        ? at + 5
                        : -1;
            default -> -1;
        };
    }

    private static int space(byte[] json, int from, int to) {
        int at = from;
        while (at < to && json[at] <= ' ' && isSpace(json[at])) {
            at++;
        }
        return at;
    }

    private static boolean isSpace(byte next) {
        return next == ' ' || next == '\n' || next == '\r' || next == '\t';
    }

    private static boolean isDigit(byte next) {
        return next >= '0' && next <= '9';
    }

    private static boolean isHex(byte next) {
        return isDigit(next) || (next >= 'a' && next <= 'f') || (next >= 'A' && next <= 'F');
    }
}
