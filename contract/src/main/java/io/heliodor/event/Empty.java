package io.heliodor.event;

/** The payload of an event, request or reply without one: {@code {}} on the wire. A receiver ignores what was sent in its place. */
public enum Empty {
    /** The only value. */
    EMPTY
}
