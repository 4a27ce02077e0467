package io.heliodor.transport.frame;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** Compressed messages as a client makes and reads them, in the plainest way. */
public final class ClientDeflate {
    public static final int RSV1 = 0x40;

    private ClientDeflate() {}

    /** The payload of a compressed message. */
    public static byte[] deflate(byte[] message) {
        try (Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true)) {
            deflater.setInput(message);
            byte[] out = new byte[2 * message.length + 64];
            int count = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
            return Arrays.copyOf(out, count - 4);
        }
    }

    /** The payload of a compressed message of so many zeros. */
    public static byte[] bomb(long zeros) {
        try (Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true)) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            byte[] some = new byte[1 << 16];
            byte[] out = new byte[1 << 16];
            for (long left = zeros; left > 0; left -= some.length) {
                deflater.setInput(some, 0, (int) Math.min(left, some.length));
                int flush = left <= some.length ? Deflater.SYNC_FLUSH : Deflater.NO_FLUSH;
                all.write(out, 0, deflater.deflate(out, 0, out.length, flush));
            }
            return Arrays.copyOf(all.toByteArray(), all.size() - 4);
        }
    }

    /** A message of one frame, compressed. */
    public static byte[] text(String text) {
        return ClientFrames.frame(ClientFrames.FIN | RSV1 | FrameLayout.TEXT, deflate(ClientFrames.utf8(text)));
    }

    /** The message of a compressed payload. */
    public static byte[] inflate(byte[] payload) {
        try (Inflater inflater = new Inflater(true)) {
            inflater.setInput(ClientFrames.concat(payload, ClientFrames.bytes(0, 0, 0xff, 0xff)));
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            byte[] out = new byte[1 << 16];
            for (int count = inflater.inflate(out); count > 0; count = inflater.inflate(out)) {
                all.write(out, 0, count);
            }
            return all.toByteArray();
        } catch (DataFormatException e) {
            throw new AssertionError("the server sent an invalid compressed message", e);
        }
    }
}
