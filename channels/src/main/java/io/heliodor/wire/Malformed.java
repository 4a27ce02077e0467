package io.heliodor.wire;

/**
 * A message that is not a frame.
 *
 * @param fault the reason
 */
public record Malformed(Fault fault) implements FrameOutcome {
    /** The reasons why a message is not a frame. */
    public enum Fault {
        /** Not UTF-8. The connection is closed with code 1007, as RFC 6455 requires. */
        NOT_UTF8,
        /** Not JSON. */
        NOT_JSON,
        /** JSON, but not an array of five with a topic and an event. */
        NOT_A_FRAME,
        /** A ref that is not a JSON scalar, or has a text of more than 255 bytes. */
        BAD_REF,
        /** A binary message that is not a frame. */
        BAD_BINARY
    }
}
