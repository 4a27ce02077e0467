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
    byte[] UNSUPPORTED = {};

    /**
     * Whether a message is to be sent as a binary one.
     *
     * @param message a whole message, not {@link #UNSUPPORTED}
     * @return whether it begins with the number of a kind
     */
    static boolean isBinary(byte[] message) {
        return message[0] >= 0 && message[0] < ' ';
    }

    /**
     * Whether what this version writes says which join of its topic it belongs to. Where it does not, a client that gave
     * no {@code join_ref} cannot tell the close of a former join from that of the present one.
     *
     * @return true, but for version 1.0.0
     */
    default boolean carriesJoinRef() {
        return true;
    }

    /**
     * Reads a text message.
     *
     * @param message what holds it; not written to again, since the frame keeps slices of it
     * @param from its first byte
     * @param to behind its last byte
     * @return a frame, or what is wrong; never an exception
     */
    FrameOutcome decodeText(byte[] message, int from, int to);

    /**
     * Reads a binary message.
     *
     * @param message what holds it; not written to again, since the frame keeps slices of it
     * @param from its first byte
     * @param to behind its last byte
     * @return a frame, or what is wrong; never an exception
     */
    FrameOutcome decodeBinary(byte[] message, int from, int to);

    /**
     * A reply.
     *
     * @param joinRef the channel's, or {@link Ref#NULL}
     * @param ref the ref of what is answered
     * @param topic the topic
     * @param status {@code ok} or {@code error}
     * @param response any JSON value, or bytes
     * @return a whole message, or {@link #UNSUPPORTED}
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
     * @return a whole message, or {@link #UNSUPPORTED}
     */
    byte[] push(Ref joinRef, Ref ref, String topic, String event, Payload payload);

    /**
     * What stands around the payload of a push, so that a large payload need not be copied for each client.
     *
     * @param joinRef the channel's
     * @param ref as for a push
     * @param topic the topic
     * @param event the name of the event
     * @return what precedes the payload, a JSON object, and what follows it
     */
    Envelope envelope(Ref joinRef, Ref ref, String topic, String event);

    /**
     * The two ends of a message.
     *
     * @param head what precedes the payload
     * @param tail what follows it
     */
    @SuppressWarnings("ArrayRecordComponent") // written once, never compared
    record Envelope(byte[] head, byte[] tail) {}

    /**
     * Something said to all members of a topic: the same bytes for each.
     *
     * @param ref {@link Ref#NULL}, or the offset of what is kept; bytes carry none
     * @param topic the topic
     * @param event the name of the event
     * @param payload a JSON object, or bytes
     * @return a whole message, or {@link #UNSUPPORTED}
     */
    byte[] broadcast(Ref ref, String topic, String event, Payload payload);
}
