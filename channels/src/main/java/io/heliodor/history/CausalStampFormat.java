package io.heliodor.history;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The binary format of stamps: whether the message is kept and the number of streams that it retires, its dot, the dots of these streams,
 * and its predecessors. A dot is a stream in 6 bytes and a counter in 7 bits for each byte, the lowest first. Any thread may use it.
 */
public final class CausalStampFormat {
    private static final int STREAM_BYTES = 6;
    private static final int MAX_DOT_BYTES = STREAM_BYTES + 9;
    private static final int KEPT = 1;

    /** The maximum number of streams that a message retires. */
    static final int MAX_RETIRED = 63;

    private CausalStampFormat() {}

    /**
     * Writes a stamp.
     *
     * @param stamp the stamp
     * @return its bytes
     */
    public static byte[] write(CausalStamp stamp) {
        List<Dot> retired = stamp.retired();
        byte[] bytes = new byte[1 + (1 + retired.size() + stamp.predecessors().size()) * MAX_DOT_BYTES];
        bytes[0] = (byte) ((retired.size() << 1) | (stamp.kept() ? KEPT : 0));
        int at = write(stamp.dot(), bytes, 1);
        for (Dot each : retired) {
            at = write(each, bytes, at);
        }
        for (Dot predecessor : stamp.predecessors()) {
            at = write(predecessor, bytes, at);
        }
        return Arrays.copyOf(bytes, at);
    }

    private static int write(Dot dot, byte[] bytes, int at) {
        int to = at;
        for (int shift = 8 * (STREAM_BYTES - 1); shift >= 0; shift -= 8) {
            bytes[to++] = (byte) (dot.stream() >>> shift);
        }
        long rest = dot.counter();
        while (rest > 0x7f) {
            bytes[to++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[to++] = (byte) rest;
        return to;
    }

    /**
     * Reads a stamp.
     *
     * @param bytes an array that contains it
     * @param from the index of its first byte
     * @param to the index after its last byte
     * @return the stamp; empty if the bytes are not a stamp
     */
    public static Optional<CausalStamp> read(byte[] bytes, int from, int to) {
        if (from >= to || bytes[from] < 0) {
            return Optional.empty();
        }
        List<Dot> dots = new ArrayList<>(2);
        int at = from + 1;
        while (at < to) {
            int begin = at;
            int end = begin + STREAM_BYTES;
            while (end < to && bytes[end] < 0) {
                end++;
            }
            if (end >= to || end - begin >= MAX_DOT_BYTES) {
                return Optional.empty();
            }
            dots.add(dot(bytes, begin, end));
            at = end + 1;
        }
        boolean kept = (bytes[from] & KEPT) != 0;
        int others = 1 + (bytes[from] >>> 1);
        if (dots.size() < others || (kept ? dots.getFirst().counter() == 0 : others > 1)) {
            return Optional.empty();
        }
        return Optional.of(
                new CausalStamp(dots.getFirst(), kept, dots.subList(others, dots.size()), dots.subList(1, others)));
    }

    private static Dot dot(byte[] bytes, int begin, int last) {
        long stream = 0;
        for (int i = begin; i < begin + STREAM_BYTES; i++) {
            stream = (stream << 8) | (bytes[i] & 0xff);
        }
        long counter = 0;
        for (int i = last; i >= begin + STREAM_BYTES; i--) {
            counter = (counter << 7) | (bytes[i] & 0x7f);
        }
        return new Dot(stream, counter);
    }
}
