package io.heliodor.link;

/** The counters of a link. {@code Statistic} has a constant of the same name, with the description, for each. */
public enum LinkCounter {
    /** Sessions of this node that were opened. */
    SESSIONS_OPENED,
    /** Open sessions that the peer did not have, or not wholly. */
    SESSIONS_RESET,
    /** Open sessions whose queue and its reserve were full. */
    SESSIONS_OVERFLOWED,
    /** Open sessions in which the peer confirmed nothing for too long. */
    SESSIONS_STALLED,
    /** Envelopes that were handed to the wire. */
    ENVELOPES_OUT,
    /** Envelopes that were received. */
    ENVELOPES_IN,
    /** Bytes of the packets with envelopes to peers. */
    TRAFFIC_OUT,
    /** Bytes of the packets with envelopes of peers. */
    TRAFFIC_IN,
    /** Packets that were dropped. */
    PACKETS_REFUSED
}
