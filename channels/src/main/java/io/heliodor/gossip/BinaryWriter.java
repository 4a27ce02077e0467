package io.heliodor.gossip;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Writes a binary message. */
@FunctionalInterface
public interface BinaryWriter {
    /**
     * Writes the message.
     *
     * @param out the target, which is in memory
     * @throws IOException never, as the target is in memory
     */
    void writeTo(DataOutputStream out) throws IOException;

    /**
     * The bytes of a message.
     *
     * @param writer writes it
     * @return the bytes
     */
    static byte[] bytes(BinaryWriter writer) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            writer.writeTo(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
