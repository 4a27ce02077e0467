package io.heliodor.wire;

/**
 * One version of the wire: bytes of a whole WebSocket message to values, and values to the bytes of a whole message.
 *
 * <p>Stateless; any thread may use it.
 */
public interface Serializer {
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
     * @param response a JSON value
     * @return a whole message
     */
    byte[] reply(Ref joinRef, Ref ref, String topic, String status, Payload.Json response);

    /**
     * Something said to one client.
     *
     * @param joinRef the channel's
     * @param ref {@link Ref#NULL} as a rule; the join_ref again for {@code phx_close} and {@code phx_error}
     * @param topic the topic
     * @param event the name of the event
     * @param payload a JSON object
     * @return a whole message
     */
    byte[] push(Ref joinRef, Ref ref, String topic, String event, Payload.Json payload);

    /**
     * Something said to all members of a topic: the same bytes for each.
     *
     * @param topic the topic
     * @param event the name of the event
     * @param payload a JSON object
     * @return a whole message
     */
    byte[] broadcast(String topic, String event, Payload.Json payload);
}
