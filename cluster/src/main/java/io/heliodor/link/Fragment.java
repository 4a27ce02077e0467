package io.heliodor.link;

import java.nio.ByteBuffer;

/**
 * A range of an envelope that is sent as a part.
 *
 * @param bytes a view of the envelope; 1 byte or more
 * @param left the number of bytes of the envelope that come after these
 */
record Fragment(ByteBuffer bytes, int left) {
    /** The range of an envelope from an offset. */
    static Fragment of(byte[] envelope, int offset, int length) {
        return new Fragment(ByteBuffer.wrap(envelope, offset, length), envelope.length - offset - length);
    }

    int length() {
        return bytes.remaining();
    }
}
