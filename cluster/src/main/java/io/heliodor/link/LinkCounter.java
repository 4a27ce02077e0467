package io.heliodor.link;

/** The counters of a link. {@code Statistic} has a constant of the same name, with the description, for each. */
public enum LinkCounter {
    SESSIONS_OPENED,
    SESSIONS_RESET,
    SESSIONS_OVERFLOWED,
    SESSIONS_STALLED,
    ENVELOPES_OUT,
    ENVELOPES_IN,
    TRAFFIC_OUT,
    TRAFFIC_IN,
    PACKETS_REFUSED
}
