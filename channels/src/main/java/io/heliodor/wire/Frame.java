package io.heliodor.wire;

/**
 * One message of a client.
 *
 * @param joinRef which join of the topic it belongs to
 * @param ref what a reply must carry; {@link Ref#NULL} if none is wanted
 * @param topic the topic, unchecked
 * @param event the name of the event
 * @param payload what came with it
 */
public record Frame(Ref joinRef, Ref ref, String topic, String event, Payload payload) implements FrameOutcome {}
