package io.heliodor.benchmarks;

import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A parser of WebSocket messages, in place and without copying.
 *
 * <p>One parser for each connection: it remembers a fragmented message between calls, nothing else. Bytes of a frame
 * that is not whole stay in the buffer, for the caller to keep.
 */
final class FrameParser {
    /** Receives messages; the ranges are valid only during the call. */
    interface Sink {
        /** A whole text or binary message at {@code from} (inclusive) to {@code to} (exclusive). */
        void message(ByteBuffer bytes, int from, int to);

        void ping(ByteBuffer bytes, int from, int to);

        /** A close frame; 1005 stands for a frame without a code. */
        void closing(int code);
    }

    static final int NO_CODE = 1005;

    private static final int CONTINUATION = 0;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int MAX_CONTROL = 125;
    private static final int MAX_HEADER = 10;

    /** A buffer longer than this is not kept for the next fragmented message: there may be thousands of parsers. */
    private static final int KEPT = 16 * 1024;

    private static final byte[] NOTHING = {};

    private byte[] assembled = NOTHING;
    private int assembledLength;
    private boolean assembling;

    /**
     * Hands on every whole frame between the buffer's position and its limit, and leaves the position at the first byte
     * of what is not whole.
     *
     * @throws ProtocolException if the bytes are no frames, or a message can never fit into a buffer of this capacity
     */
    void parse(ByteBuffer in, Sink sink) throws ProtocolException {
        int at = in.position();
        int limit = in.limit();
        while (limit - at >= 2) {
            int first = in.get(at);
            int length = in.get(at + 1);
            int header = 2;
            if (length < 0) {
                throw new ProtocolException("masked frame from the server");
            }
            if ((first & 0x70) != 0) {
                throw new ProtocolException("reserved bits set in a frame");
            }
            if (length == 126) {
                header = 4;
                if (limit - at < header) {
                    break;
                }
                length = in.getShort(at + 2) & 0xffff;
            } else if (length == 127) {
                header = MAX_HEADER;
                if (limit - at < header) {
                    break;
                }
                length = bounded(in.getLong(at + 2), in.capacity());
            }
            if (limit - at - header < length) {
                bounded(length, in.capacity());
                break;
            }
            int from = at + header;
            at = from + length;
            frame(first, in, from, at, sink);
        }
        in.position(at);
    }

    private void frame(int first, ByteBuffer in, int from, int to, Sink sink) throws ProtocolException {
        boolean last = first < 0;
        int opcode = first & 0x0f;
        if (opcode <= BINARY) {
            if (assembling != (opcode == CONTINUATION)) {
                throw new ProtocolException(
                        assembling ? "message inside a fragmented message" : "continuation of no message");
            }
            if (last && !assembling) {
                sink.message(in, from, to);
            } else {
                assemble(in, from, to, last, sink);
            }
            return;
        }
        if (!last || to - from > MAX_CONTROL) {
            throw new ProtocolException("control frame that is fragmented or too long");
        }
        switch (opcode) {
            case CLOSE -> sink.closing(to - from >= 2 ? in.getShort(from) & 0xffff : NO_CODE);
            case PING -> sink.ping(in, from, to);
            case PONG -> {}
            default -> throw new ProtocolException("unknown opcode " + opcode);
        }
    }

    private void assemble(ByteBuffer in, int from, int to, boolean last, Sink sink) throws ProtocolException {
        int length = bounded((long) assembledLength + to - from, in.capacity());
        if (assembled.length < length) {
            assembled = Arrays.copyOf(assembled, Math.max(length, Math.min(2 * assembled.length, in.capacity())));
        }
        in.get(from, assembled, assembledLength, to - from);
        assembledLength = length;
        assembling = !last;
        if (last) {
            byte[] whole = assembled;
            assembledLength = 0;
            if (length > KEPT) {
                assembled = NOTHING;
            }
            sink.message(ByteBuffer.wrap(whole, 0, length), 0, length);
        }
    }

    private static int bounded(long length, int capacity) throws ProtocolException {
        if (length < 0 || length > capacity - MAX_HEADER) {
            throw new ProtocolException("message of " + Long.toUnsignedString(length) + " bytes, more than the "
                    + (capacity - MAX_HEADER) + " this generator takes");
        }
        return (int) length;
    }
}
