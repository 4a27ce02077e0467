package io.heliodor.wire;

/**
 * One version of the wire: bytes of a whole message to values, and values to the bytes of a whole message.
 *
 * <p>Text messages begin with a bracket or a brace, binary ones with the number of their kind, which is below any
 * character of text: whoever frames a message knows by {@link #isBinary} which it is, and nothing has to be carried
 * along.
 *
 * <p>Stateless; any thread may use it.
 */
public interface Serializer {
    /** What is said in a way that this version cannot carry: binary payloads where there is only text. */
    byte[] NOTHING = {};

    /**
     * Whether a message is to be sent as a binary one.
     *
     * @param message a whole message, not {@link #NOTHING}
     * @return whether it begins with the number of a kind
     */
    static boolean isBinary(byte[] message) {
        return message[0] >= 0 && message[0] < ' ';
    }

    /**
     * Reads a text message.
     *
     * @param message what holds it; not written to again, since the frame keeps slices of it
     * @param from its first byte
     * @param to behind its last byte
     * @return a frame, or what is wrong; never an exception
     */
    Decoded decodeText(byte[] message, int from, int to);

    /**
     * Reads a binary message.
     *
     * @param message what holds it; not written to again, since the frame keeps slices of it
     * @param from its first byte
     * @param to behind its last byte
     * @return a frame, or what is wrong; never an exception
     */
    Decoded decodeBinary(byte[] message, int from, int to);

    /**
     * A reply.
     *
     * @param joinRef the channel's, or {@link Ref#NULL}
     * @param ref the ref of what is answered
     * @param topic the topic
     * @param status {@code ok} or {@code error}
     * @param response any JSON value, or bytes
     * @return a whole message, or {@link #NOTHING}
     */
    byte[] reply(Ref joinRef, Ref ref, String topic, String status, Payload response);

    /**
     * Something said to one client.
     *
     * @param joinRef the channel's
     * @param ref {@link Ref#NULL} as a rule; the join_ref again for {@code phx_close} and {@code phx_error}
     * @param topic the topic
     * @param event the name of the event
     * @param payload a JSON object, or bytes
     * @return a whole message, or {@link #NOTHING}
     */
    byte[] push(Ref joinRef, Ref ref, String topic, String event, Payload payload);

    /**
     * Something said to all members of a topic: the same bytes for each.
     *
     * @param ref {@link Ref#NULL}, or the offset of what is kept; bytes carry none
     * @param topic the topic
     * @param event the name of the event
     * @param payload a JSON object, or bytes
     * @return a whole message, or {@link #NOTHING}
     */
    byte[] broadcast(Ref ref, String topic, String event, Payload payload);
}
