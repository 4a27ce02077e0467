package io.heliodor.link;

/**
 * A message on its way, and what belongs to it without being part of it.
 *
 * @param message what is said
 * @param correlation which request it belongs to, as its sender carried it; empty for none
 */
public record Envelope(Message message, String correlation) {
    /**
     * A message without a correlation id.
     *
     * @param message what is said
     * @return the envelope
     */
    public static Envelope of(Message message) {
        return new Envelope(message, "");
    }

    /**
     * As bytes: type, correlation id, fields.
     *
     * @return the bytes
     */
    public byte[] toBytes() {
        ByteWriter out = new ByteWriter(message.expectedSize() + correlation.length() + 4)
                .put(message.type())
                .text(correlation);
        message.write(out);
        return out.toBytes();
    }
}
