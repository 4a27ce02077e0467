package io.heliodor.interop.attack;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.Random;
import java.util.zip.Deflater;

/** WebSocket frames of a client, as shared buffers: write a duplicate. The mask is zero, so that masking costs nothing. */
final class Frames {
    static final int TEXT = 0x81;
    static final int TEXT_BEGINS = 0x01;
    static final int CONTINUES = 0x00;
    static final int BINARY = 0x82;
    static final int PING = 0x89;
    private static final int COMPRESSED = 0x40;
    private static final int MASKED = 0x80;
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

    private Frames() {}

    static ByteBuffer join(String topic) {
        return join(topic, "{}");
    }

    static ByteBuffer join(String topic, String payload) {
        return push("1", topic, "phx_join", payload);
    }

    static ByteBuffer push(String ref, String topic, String event, String payload) {
        return frame(TEXT, phoenix(ref, topic, event, payload).getBytes(UTF_8));
    }

    /** A push of bytes, without text. */
    static ByteBuffer push(String ref, String topic, String event, byte[] payload) {
        byte[] text = ("1" + ref + topic + event).getBytes(UTF_8);
        byte[] message = ByteBuffer.allocate(5 + text.length + payload.length)
                .put((byte) 0)
                .put((byte) 1)
                .put((byte) ref.length())
                .put((byte) topic.length())
                .put((byte) event.length())
                .put(text)
                .put(payload)
                .array();
        return frame(BINARY, message);
    }

    static ByteBuffer ping(int bytes) {
        return frame(PING, new byte[bytes]);
    }

    /** A push that the server has to inflate. */
    static ByteBuffer compressedPush(String ref, String topic, String event, String payload) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        deflater.setInput(phoenix(ref, topic, event, payload).getBytes(UTF_8));
        byte[] out = new byte[1 << 20];
        int size = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
        deflater.end();
        // The last four bytes are the empty block that the sender leaves out.
        return frame(TEXT | COMPRESSED, Arrays.copyOf(out, size - 4));
    }

    private static String phoenix(String ref, String topic, String event, String payload) {
        return "[\"1\",\"" + ref + "\",\"" + topic + "\",\"" + event + "\"," + payload + "]";
    }

    /** One buffer of several, so that one write sends them. */
    static ByteBuffer together(Collection<ByteBuffer> frames) {
        ByteBuffer all = ByteBuffer.allocateDirect(
                frames.stream().mapToInt(ByteBuffer::remaining).sum());
        frames.forEach(frame -> all.put(frame.duplicate()));
        return all.flip();
    }

    /** Outside of the heap, because a channel copies a heap buffer at each try to write it. */
    static ByteBuffer frame(int first, byte[] payload) {
        int size = payload.length;
        ByteBuffer frame = ByteBuffer.allocateDirect(14 + size);
        frame.put((byte) first);
        if (size < 126) {
            frame.put((byte) (MASKED | size));
        } else if (size < 1 << 16) {
            frame.put((byte) (MASKED | 126)).putShort((short) size);
        } else {
            frame.put((byte) (MASKED | 127)).putLong(size);
        }
        return frame.putInt(0).put(payload).flip();
    }

    /** A payload of about so many bytes that does not compress well. */
    static String payload(int bytes) {
        return "{\"x\":\"" + text(bytes) + "\"}";
    }

    static String text(int bytes) {
        Random random = new Random(bytes);
        byte[] text = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            text[i] = (byte) LETTERS.charAt(random.nextInt(LETTERS.length()));
        }
        return new String(text, UTF_8);
    }
}
