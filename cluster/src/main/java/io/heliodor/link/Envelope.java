package io.heliodor.link;

import io.heliodor.binary.BinaryWriter;

/**
 * A message with its correlation id.
 *
 * @param message the message
 * @param correlation the correlation id of the request that it belongs to; empty for none
 */
public record Envelope(Message message, String correlation) {
    /**
     * An envelope without a correlation id.
     *
     * @param message the message
     * @return the envelope
     */
    public static Envelope of(Message message) {
        return new Envelope(message, "");
    }

    /**
     * Encodes it: type, correlation id, fields.
     *
     * @return the bytes
     */
    public byte[] toBytes() {
        BinaryWriter out = new BinaryWriter(message.expectedSize() + correlation.length() + 4)
                .put(message.type())
                .text(correlation);
        message.write(out);
        return out.toBytes();
    }
}
