package io.heliodor.link.jgroups.socket;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** The frames of a data connection: the length of a packet in four bytes, then the packet. Not thread-safe. */
final class DataFrames {
    /** The bytes before a packet. */
    static final int HEADER = Integer.BYTES;

    /** Above every packet, also one with an envelope of the maximum size that is not sent in parts. */
    static final int MAX_PACKET = 8 << 20;

    private static final int BUFFER = 64 << 10;

    /** Gets the packets. */
    interface Receiver {
        /** A packet has arrived. The array must not be kept. */
        void received(byte[] bytes, int offset, int length);
    }

    private final InputStream in;
    private byte[] buffer = new byte[BUFFER];
    private int start;
    private int end;

    DataFrames(InputStream in) {
        this.in = in;
    }

    /** Writes a frame at the begin of an array. Returns its length. */
    static int write(byte[] packet, byte[] to) {
        ByteBuffer.wrap(to).putInt(packet.length).put(packet);
        return HEADER + packet.length;
    }

    /** Waits for bytes. Returns false at the end of the stream. */
    boolean fill() throws IOException {
        int count = in.read(buffer, end, buffer.length - end);
        end += Math.max(0, count);
        return count >= 0;
    }

    /**
     * Passes on the packets that are complete.
     *
     * @throws IOException if a frame has no valid length
     */
    void deliver(Receiver receiver) throws IOException {
        int needed = HEADER;
        while (end - start >= needed) {
            int length = length();
            needed = HEADER + length;
            if (end - start >= needed) {
                receiver.received(buffer, start + HEADER, length);
                start += needed;
                needed = HEADER;
            }
        }
        makeRoom(needed);
    }

    private int length() throws IOException {
        int length = ByteBuffer.wrap(buffer, start, HEADER).getInt();
        if (length < 1 || length > MAX_PACKET) {
            throw new IOException("a packet of " + length + " bytes");
        }
        return length;
    }

    /** Makes room for the rest of a frame. After a large one, the buffer has its former size again. */
    private void makeRoom(int needed) {
        int left = end - start;
        if (left > 0 && end < buffer.length && buffer.length - start >= needed) {
            return;
        }
        int size = Math.max(BUFFER, needed);
        byte[] to = buffer.length == size ? buffer : new byte[size];
        System.arraycopy(buffer, start, to, 0, left);
        buffer = to;
        start = 0;
        end = left;
    }
}
