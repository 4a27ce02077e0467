package io.heliodor.history;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import java.util.ArrayList;
import java.util.List;

/**
 * The binary format of stamps: whether the message is kept and the number of streams that it retires, its dot, the dots of these streams,
 * and its predecessors. A dot is a stream in 6 bytes and a counter in 7 bits for each byte, the lowest first. Any thread may use it.
 */
public final class CausalStampFormat {
    private static final int STREAM_BYTES = 6;
    private static final int KEPT = 1;

    /** The maximum number of streams that a message retires. */
    static final int MAX_RETIRED = 63;

    private CausalStampFormat() {}

    /**
     * Writes a stamp.
     *
     * @param stamp the stamp
     * @param out the writer
     */
    public static void write(CausalStamp stamp, BinaryWriter out) {
        out.put((stamp.retired().size() << 1) | (stamp.kept() ? KEPT : 0));
        write(stamp.dot(), out);
        for (Dot each : stamp.retired()) {
            write(each, out);
        }
        for (Dot predecessor : stamp.predecessors()) {
            write(predecessor, out);
        }
    }

    private static void write(Dot dot, BinaryWriter out) {
        out.int48(dot.stream()).number(dot.counter());
    }

    /**
     * The size of a stamp.
     *
     * @param stamp the stamp
     * @return its number of bytes
     */
    public static int size(CausalStamp stamp) {
        int size = 1 + size(stamp.dot());
        for (Dot each : stamp.retired()) {
            size += size(each);
        }
        for (Dot predecessor : stamp.predecessors()) {
            size += size(predecessor);
        }
        return size;
    }

    private static int size(Dot dot) {
        return STREAM_BYTES + BinaryWriter.width(dot.counter());
    }

    /**
     * Reads a stamp.
     *
     * @param in a reader of its bytes
     * @return the stamp
     * @throws DecodeException if the bytes are not a stamp
     */
    public static CausalStamp read(BinaryReader in) throws DecodeException {
        int head = in.get();
        boolean kept = (head & KEPT) != 0;
        int others = 1 + (head >>> 1);
        List<Dot> dots = new ArrayList<>(2);
        while (in.more()) {
            Dot dot = new Dot(in.int48(), in.number());
            check(dot.counter() >= 0);
            dots.add(dot);
        }
        check(others <= 1 + MAX_RETIRED && dots.size() >= others);
        check(kept ? dots.getFirst().counter() > 0 : others == 1);
        return new CausalStamp(dots.getFirst(), kept, dots.subList(others, dots.size()), dots.subList(1, others));
    }

    private static void check(boolean fits) throws DecodeException {
        if (!fits) {
            throw new DecodeException("not a stamp");
        }
    }
}
