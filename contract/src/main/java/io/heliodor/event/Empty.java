package io.heliodor.event;

/** The payload of what carries none: {@code {}} on the wire. As a payload that comes in, it accepts anything. */
public enum Empty {
    /** The only value. */
    EMPTY
}
