package io.heliodor.node;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The link from a node to another member, as it is now.
 *
 * @param node the name of the member
 * @param queuedBytes bytes that wait for it or are in flight to it, up to 8 MiB. Beyond 4 MiB senders wait for room
 * @param roundTrip of the last ping that was answered, or the time since the present one was sent if that is longer; empty
 *     until there is one of both. Each reading sends a ping, unless one has no answer yet
 * @param version the version of the protocol between the two nodes, which is the highest one that both have; empty without a
 *     connection
 * @param through the member through which packets go, because the link is broken; empty for a link that is well
 */
public record LinkState(
        String node, long queuedBytes, Optional<Duration> roundTrip, OptionalInt version, Optional<String> through) {
    /** Checks that no value is null. */
    public LinkState {
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(roundTrip, "roundTrip");
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(through, "through");
    }
}
