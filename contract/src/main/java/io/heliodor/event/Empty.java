package io.heliodor.event;

/** The payload of an event, request or reply without data: {@code {}} on the wire. A receiver ignores any other payload. */
public enum Empty {
    /** The only value. */
    EMPTY
}
