package io.heliodor.dashboard;

import java.util.Optional;

/**
 * The link from a node to another one.
 *
 * @param peer the name of the other node
 * @param queuedBytes bytes that wait for it
 * @param roundTripMicros the round trip of the last ping
 * @param through the node through which packets go, because the link is broken
 */
record Link(String peer, long queuedBytes, Optional<Long> roundTripMicros, Optional<String> through) {
    Link {
        roundTripMicros = Absent.orEmpty(roundTripMicros);
        through = Absent.orEmpty(through);
    }
}
