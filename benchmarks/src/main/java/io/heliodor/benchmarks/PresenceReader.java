package io.heliodor.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;

/**
 * A parser of {@code presence_state} and {@code presence_diff} payloads, in place. It ignores other fields. One instance is
 * reused for every payload.
 */
final class PresenceReader {
    /** Receives each presence: the ranges of its key and of its {@code phx_ref}, without their quotes. */
    interface Sink {
        void present(ByteBuffer bytes, int key, int keyEnd, int ref, int refEnd);
    }

    private static final byte[] JOINS = "joins".getBytes(US_ASCII);
    private static final byte[] LEAVES = "leaves".getBytes(US_ASCII);
    private static final byte[] METAS = "metas".getBytes(US_ASCII);
    private static final byte[] REF = "phx_ref".getBytes(US_ASCII);

    private ByteBuffer bytes = ByteBuffer.allocate(0);
    private int at;
    private int to;
    private int start;
    private int end;

    /** The payload is not what it should be. */
    private static final class Unreadable extends RuntimeException {
        private static final long serialVersionUID = 1;

        Unreadable() {
            super(null, null, false, false);
        }
    }

    /** Reads a state: {@code {key: {"metas": [{"phx_ref": ref, ...}, ...], ...}, ...}}; false if it is none. */
    boolean state(ByteBuffer payload, int from, int until, Sink present) {
        return whole(payload, from, until, () -> keys(present));
    }

    /** Reads a diff: {@code {"joins": {...}, "leaves": {...}}}; false if it is none. */
    boolean diff(ByteBuffer payload, int from, int until, Sink joins, Sink leaves) {
        return whole(
                payload,
                from,
                until,
                () -> fields(() -> {
                    if (is(JOINS)) {
                        keys(joins);
                    } else if (is(LEAVES)) {
                        keys(leaves);
                    } else {
                        skip();
                    }
                }));
    }

    private boolean whole(ByteBuffer payload, int from, int until, Runnable read) {
        bytes = payload;
        at = from;
        to = until;
        try {
            read.run();
            return at == to;
        } catch (Unreadable e) {
            return false;
        }
    }

    private void keys(Sink sink) {
        fields(() -> {
            int key = start;
            int keyEnd = end;
            fields(() -> {
                if (is(METAS)) {
                    elements(() -> meta(sink, key, keyEnd));
                } else {
                    skip();
                }
            });
        });
    }

    private void meta(Sink sink, int key, int keyEnd) {
        fields(() -> {
            if (is(REF)) {
                string();
                sink.present(bytes, key, keyEnd, start, end);
            } else {
                skip();
            }
        });
    }

    /** Parses an object; {@code value} is called after each name, which {@link #is} compares, and parses the value. */
    private void fields(Runnable value) {
        expect('{');
        if (taken('}')) {
            return;
        }
        do {
            string();
            expect(':');
            value.run();
        } while (taken(','));
        expect('}');
    }

    private void elements(Runnable element) {
        expect('[');
        if (taken(']')) {
            return;
        }
        do {
            element.run();
        } while (taken(','));
        expect(']');
    }

    private void skip() {
        switch (peek()) {
            case '{' -> fields(this::skip);
            case '[' -> elements(this::skip);
            case '"' -> string();
            default -> {
                int token = at;
                while (at < to && ",]}".indexOf(bytes.get(at)) < 0) {
                    at++;
                }
                require(at > token);
            }
        }
    }

    private void string() {
        expect('"');
        start = at;
        byte next;
        while ((next = peek()) != '"') {
            at += next == '\\' ? 2 : 1;
        }
        end = at;
        at++;
    }

    private boolean is(byte[] name) {
        return MessageHead.same(bytes, start, end, name);
    }

    private void expect(char wanted) {
        require(peek() == wanted);
        at++;
    }

    private boolean taken(char wanted) {
        boolean there = peek() == wanted;
        if (there) {
            at++;
        }
        return there;
    }

    private byte peek() {
        require(at < to);
        return bytes.get(at);
    }

    private static void require(boolean readable) {
        if (!readable) {
            throw new Unreadable();
        }
    }
}
