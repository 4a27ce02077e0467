package io.heliodor.wire;

/**
 * A message that is no frame.
 *
 * @param fault what is wrong with it
 */
public record Malformed(Fault fault) implements FrameOutcome {
    /** What can be wrong with a message. */
    public enum Fault {
        /** Not UTF-8. The connection ends with code 1007, as RFC 6455 wants it. */
        NOT_UTF8,
        /** Not JSON, or JSON beyond the bounds of {@link JsonScanner}. */
        NOT_JSON,
        /** JSON, but not an array of five with a topic and an event. */
        NOT_A_FRAME,
        /** A ref that is no JSON scalar, or longer than 255 bytes. */
        BAD_REF,
        /** A binary message that is no frame. */
        BAD_BINARY
    }
}
