package io.heliodor.interop.attack;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Reads the messages of a server; of each it keeps the beginning, the length and a checksum. */
final class MessageReader {
    static final int TEXT = 1;
    static final int CLOSE = 8;
    private static final int KEPT = 256;
    private static final int FINAL = 0x80;

    private final byte[] header = new byte[10];
    private final byte[] start = new byte[KEPT];
    private final CRC32C checksum = new CRC32C();
    private final Runnable complete;
    private int headerBytes;
    private long left = -1;
    private int opcode;
    private int startBytes;
    private long length;

    /**
     * Creates a reader.
     *
     * @param complete called for each message, which this reader then returns
     */
    MessageReader(Runnable complete) {
        this.complete = complete;
    }

    void feed(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            if (left < 0) {
                header[headerBytes++] = bytes.get();
                if (headerBytes == headerLength()) {
                    begin();
                }
            } else {
                take(bytes);
            }
            if (left == 0) {
                left = -1;
                headerBytes = 0;
                if ((header[0] & FINAL) != 0) {
                    complete.run();
                }
            }
        }
    }

    private int headerLength() {
        int size = headerBytes < 2 ? 0 : header[1] & 0x7f;
        return size == 127 ? 10 : size == 126 ? 4 : 2;
    }

    private void begin() {
        int size = header[1] & 0x7f;
        ByteBuffer extended = ByteBuffer.wrap(header, 2, 8);
        left = size == 127 ? extended.getLong() : size == 126 ? Short.toUnsignedInt(extended.getShort()) : size;
        if ((header[0] & 0xf) != 0) {
            opcode = header[0] & 0xf;
            startBytes = 0;
            length = 0;
            checksum.reset();
        }
    }

    private void take(ByteBuffer bytes) {
        int size = (int) Math.min(left, bytes.remaining());
        ByteBuffer piece = bytes.slice(bytes.position(), size);
        int kept = Math.min(size, KEPT - startBytes);
        piece.get(0, start, startBytes, kept);
        startBytes += kept;
        checksum.update(piece);
        bytes.position(bytes.position() + size);
        length += size;
        left -= size;
    }

    int opcode() {
        return opcode;
    }

    long length() {
        return length;
    }

    long checksum() {
        return checksum.getValue();
    }

    /** The code of a close frame; 1005 if it has none. */
    int closeCode() {
        return startBytes < 2 ? 1005 : Byte.toUnsignedInt(start[0]) << 8 | Byte.toUnsignedInt(start[1]);
    }

    /** The first bytes of the message, at most 256. */
    String start() {
        return new String(start, 0, startBytes, ISO_8859_1);
    }

    /** Whether a text stands at the beginning of the message. */
    boolean contains(String text) {
        return start().contains(text);
    }

    /** The number in the first {@code "n":} of the message; -1 if there is none. Makes no objects. */
    long number() {
        for (int i = 0; i + 4 < startBytes; i++) {
            if (start[i] == '"' && start[i + 1] == 'n' && start[i + 2] == '"' && start[i + 3] == ':') {
                long number = 0;
                for (int at = i + 4; at < startBytes && start[at] >= '0' && start[at] <= '9'; at++) {
                    number = number * 10 + start[at] - '0';
                }
                return number;
            }
        }
        return -1;
    }
}
