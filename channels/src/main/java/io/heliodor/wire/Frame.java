package io.heliodor.wire;

/**
 * A message from a client.
 *
 * @param joinRef the ref of the join to which it belongs
 * @param ref the ref of its reply; {@link Ref#NULL} if the client expects none
 * @param topic the topic, unchecked
 * @param event the name of the event
 * @param payload the payload
 */
public record Frame(Ref joinRef, Ref ref, String topic, String event, Payload payload) implements FrameOutcome {}
