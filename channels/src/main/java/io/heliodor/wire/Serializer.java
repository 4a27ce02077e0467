package io.heliodor.wire;

/**
 * The encoding and decoding of whole messages in one version of the protocol: {@link V1Serializer}, or {@link V2Serializer} and its
 * variants.
 *
 * <p>Text messages begin with a bracket or a brace, binary ones with the number of their kind, which is less than any character of text.
 * So {@link #isBinary} distinguishes them by their first byte.
 *
 * <p>Stateless; any thread may use it.
 */
public interface Serializer {
    /** The result for a message that this version cannot encode, such as a binary payload in a text-only version. */
    byte[] UNSUPPORTED = {};

    /**
     * Whether a message is binary.
     *
     * @param message a whole message, not {@link #UNSUPPORTED}
     * @return whether it begins with the number of a kind
     */
    static boolean isBinary(byte[] message) {
        return message[0] >= 0 && message[0] < ' ';
    }

    /**
     * Whether encoded messages contain the {@code join_ref}. Without it, a client that sent none cannot distinguish the close of a former
     * join of a topic from that of the present one.
     *
     * @return false for version 1.0.0 only
     */
    default boolean carriesJoinRef() {
        return true;
    }

    /**
     * Decodes a text message. Never throws.
     *
     * @param message an array that contains it; it must not be modified later, since the frame has slices of it
     * @param from the index of its first byte
     * @param to the index after its last byte
     * @return a frame, or why it is not one
     */
    FrameOutcome decodeText(byte[] message, int from, int to);

    /**
     * Decodes a binary message. Never throws.
     *
     * @param message an array that contains it; it must not be modified later, since the frame has slices of it
     * @param from the index of its first byte
     * @param to the index after its last byte
     * @return a frame, or why it is not one
     */
    FrameOutcome decodeBinary(byte[] message, int from, int to);

    /**
     * Encodes a reply.
     *
     * @param joinRef the channel's, or {@link Ref#NULL}
     * @param ref the ref of the request
     * @param topic the topic
     * @param status {@code ok} or {@code error}
     * @param response any JSON value, or bytes
     * @return a whole message, or {@link #UNSUPPORTED}
     */
    byte[] reply(Ref joinRef, Ref ref, String topic, String status, Payload response);

    /**
     * Encodes a push to one client.
     *
     * @param joinRef the channel's
     * @param ref {@link Ref#NULL}, except for {@code phx_close} and {@code phx_error}, which have the join_ref
     * @param topic the topic
     * @param event the name of the event
     * @param payload a JSON object, or bytes
     * @return a whole message, or {@link #UNSUPPORTED}
     */
    byte[] push(Ref joinRef, Ref ref, String topic, String event, Payload payload);

    /**
     * Encodes a push without its payload, so that a large payload need not be copied for each client.
     *
     * @param joinRef the channel's
     * @param ref as for a push
     * @param topic the topic
     * @param event the name of the event
     * @return the parts before and after the payload, which must be a JSON object
     */
    Envelope envelope(Ref joinRef, Ref ref, String topic, String event);

    /**
     * The parts of a message around its payload.
     *
     * @param head the part before the payload
     * @param tail the part after it
     */
    @SuppressWarnings("ArrayRecordComponent") // written once, never compared
    record Envelope(byte[] head, byte[] tail) {}

    /**
     * Encodes a broadcast, with the same bytes for all members of a topic.
     *
     * @param ref {@link Ref#NULL}, or the history token of a kept message; binary messages do not contain it
     * @param topic the topic
     * @param event the name of the event
     * @param payload a JSON object, or bytes
     * @return a whole message, or {@link #UNSUPPORTED}
     */
    byte[] broadcast(Ref ref, String topic, String event, Payload payload);
}
