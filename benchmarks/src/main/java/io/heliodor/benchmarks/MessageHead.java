package io.heliodor.benchmarks;

import java.nio.ByteBuffer;

/**
 * The positions of the parts of a message {@code [join_ref, ref, topic, event, payload]}, found by one pass over its head.
 *
 * <p>The payload is not looked at. One instance is used again for every message.
 */
final class MessageHead {
    private int from;
    private int ref;
    private int refEnd;
    private int topic;
    private int topicEnd;
    private int event;
    private int eventEnd;
    private int payload;

    private int start;
    private int end;

    /** Parses the head; false if it is not such an array. */
    boolean read(ByteBuffer bytes, int from, int to) {
        this.from = from;
        if (from == to || bytes.get(from) != '[' || bytes.get(to - 1) != ']') {
            return false;
        }
        int next = element(bytes, from + 1, to);
        next = element(bytes, next, to);
        ref = start;
        refEnd = end;
        next = element(bytes, next, to);
        topic = start;
        topicEnd = end;
        next = element(bytes, next, to);
        event = start;
        eventEnd = end;
        payload = next;
        return next < to;
    }

    /** Parses a string or bare token and the comma after it; an invalid part ends at {@code to}. */
    private int element(ByteBuffer bytes, int from, int to) {
        int at = from;
        while (at < to && bytes.get(at) == ' ') {
            at++;
        }
        byte stop = ',';
        if (at < to && bytes.get(at) == '"') {
            stop = '"';
            at++;
        }
        start = at;
        byte b;
        while (at < to && (b = bytes.get(at)) != stop) {
            at += b == '\\' ? 2 : 1;
        }
        end = Math.min(at, to);
        if (stop == '"') {
            at++;
        }
        while (at < to && bytes.get(at) != ',') {
            at++;
        }
        return Math.min(at + 1, to);
    }

    /** The start of the message. */
    int from() {
        return from;
    }

    /** The start of the payload. */
    int payload() {
        return payload;
    }

    boolean eventIs(ByteBuffer bytes, byte[] name) {
        return same(bytes, event, eventEnd, name);
    }

    boolean topicIs(ByteBuffer bytes, byte[] name) {
        return same(bytes, topic, topicEnd, name);
    }

    /** The ref as a number, -1 if it is none. */
    long ref(ByteBuffer bytes) {
        return ref < refEnd ? number(bytes, ref, refEnd) : -1;
    }

    /** A copy of the ref, in an earlier copy if it is as long. */
    byte[] copyRef(ByteBuffer bytes, byte[] earlier) {
        byte[] copy = earlier.length == refEnd - ref ? earlier : new byte[refEnd - ref];
        bytes.get(ref, copy);
        return copy;
    }

    static boolean same(ByteBuffer bytes, int from, int to, byte[] name) {
        if (to - from != name.length) {
            return false;
        }
        for (int i = 0; i < name.length; i++) {
            if (bytes.get(from + i) != name[i]) {
                return false;
            }
        }
        return true;
    }

    /** The end of the first {@code wanted} within a range, -1 if it does not occur. */
    static int after(ByteBuffer bytes, int from, int to, byte[] wanted) {
        for (int at = from; at <= to - wanted.length; at++) {
            if (bytes.get(at) == wanted[0] && same(bytes, at, at + wanted.length, wanted)) {
                return at + wanted.length;
            }
        }
        return -1;
    }

    /** The decimal number that starts at {@code from}, -1 if there is none. */
    static long number(ByteBuffer bytes, int from, int to) {
        long value = 0;
        int at = from;
        for (; at < to; at++) {
            int digit = bytes.get(at) - '0';
            if (digit < 0 || digit > 9) {
                break;
            }
            value = 10 * value + digit;
        }
        return at == from ? -1 : value;
    }
}
