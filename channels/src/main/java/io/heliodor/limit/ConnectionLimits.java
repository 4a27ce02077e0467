package io.heliodor.limit;

import java.time.Duration;
import java.util.Objects;

/**
 * The limits of connections and handshakes. A number without a limit is {@link Integer#MAX_VALUE}. An address is an IPv4 address, or the
 * first 64 bits of an IPv6 address. Clients of a proxy have the address of the proxy, unless the proxy is trusted.
 *
 * @param max clients that are connected, by WebSocket or long poll; at least 1, no limit by default. One more is refused with HTTP
 *     status 503 before the connect handler runs. A limit keeps a machine from more clients than it was measured for, and
 *     refuses them although {@link MemoryLimits} would still take them
 * @param maxPerAddress clients of one address that are connected; at least 1, no limit by default. One more is refused with HTTP status 429
 *     before the connect handler runs. A limit stops one host from taking all of {@link #max()}, and refuses a company or a
 *     school in which hundreds share one address
 * @param maxHandshakesPerAddress connections of one address that are neither a WebSocket nor a parked poll: unfinished
 *     handshakes, requests that are being answered, and connections that wait for their next request, which may be half
 *     of them; at least 1, 256 by default. One more is closed before a byte of it is read, or refused with HTTP status
 *     429 if only its request contains the address. A low limit bounds the cost of a flood of handshakes, but refuses
 *     some clients of a shared address when all reconnect at once. Not for loopback
 * @param maxHandshakesOfLoopback the same for each loopback address; at least 1, no limit by default, since a proxy on the same machine connects for
 *     all clients
 * @param handshakeTimeout from the acceptance of a connection to the end of its handshake; more than zero, at most 365 days, 5 s by default. Then
 *     it is closed. A longer one admits clients on slow networks, and holds sockets longer for those that never finish
 * @param keepAliveTimeout from the response to a request to the next request on the same connection; more than zero, at
 *     most 365 days, 75 s by default. Then it is closed. It must be longer than that of a balancer, which otherwise
 *     sends a request on a connection that is being closed; 60 s is usual there. A longer one holds more sockets
 */
public record ConnectionLimits(
        int max,
        int maxPerAddress,
        int maxHandshakesPerAddress,
        int maxHandshakesOfLoopback,
        Duration handshakeTimeout,
        Duration keepAliveTimeout) {
    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a value is out of its range, with its name, the value and the range
     */
    public ConnectionLimits {
        Objects.requireNonNull(handshakeTimeout, "handshakeTimeout");
        Objects.requireNonNull(keepAliveTimeout, "keepAliveTimeout");
        Range.check("connections.max", max, 1);
        Range.check("connections.maxPerAddress", maxPerAddress, 1);
        Range.check("connections.maxHandshakesPerAddress", maxHandshakesPerAddress, 1);
        Range.check("connections.maxHandshakesOfLoopback", maxHandshakesOfLoopback, 1);
        Range.check("connections.handshakeTimeout", handshakeTimeout);
        Range.check("connections.keepAliveTimeout", keepAliveTimeout);
    }

    /**
     * These limits with another {@link #max()}.
     *
     * @param count at least 1
     * @return new limits
     * @throws IllegalArgumentException if it is out of range, with the range
     */
    public ConnectionLimits max(int count) {
        return new ConnectionLimits(
                count,
                maxPerAddress,
                maxHandshakesPerAddress,
                maxHandshakesOfLoopback,
                handshakeTimeout,
                keepAliveTimeout);
    }

    /**
     * These limits with another {@link #maxPerAddress()}.
     *
     * @param count at least 1
     * @return new limits
     * @throws IllegalArgumentException if it is out of range, with the range
     */
    public ConnectionLimits maxPerAddress(int count) {
        return new ConnectionLimits(
                max, count, maxHandshakesPerAddress, maxHandshakesOfLoopback, handshakeTimeout, keepAliveTimeout);
    }

    /**
     * These limits with another {@link #maxHandshakesPerAddress()}.
     *
     * @param count at least 1
     * @return new limits
     * @throws IllegalArgumentException if it is out of range, with the range
     */
    public ConnectionLimits maxHandshakesPerAddress(int count) {
        return new ConnectionLimits(
                max, maxPerAddress, count, maxHandshakesOfLoopback, handshakeTimeout, keepAliveTimeout);
    }

    /**
     * These limits with another {@link #maxHandshakesOfLoopback()}.
     *
     * @param count at least 1
     * @return new limits
     * @throws IllegalArgumentException if it is out of range, with the range
     */
    public ConnectionLimits maxHandshakesOfLoopback(int count) {
        return new ConnectionLimits(
                max, maxPerAddress, maxHandshakesPerAddress, count, handshakeTimeout, keepAliveTimeout);
    }

    /**
     * These limits with another {@link #handshakeTimeout()}.
     *
     * @param time more than zero, at most 365 days
     * @return new limits
     * @throws IllegalArgumentException if it is out of range, with the range
     */
    public ConnectionLimits handshakeTimeout(Duration time) {
        Objects.requireNonNull(time, "time");
        return new ConnectionLimits(
                max, maxPerAddress, maxHandshakesPerAddress, maxHandshakesOfLoopback, time, keepAliveTimeout);
    }

    /**
     * These limits with another {@link #keepAliveTimeout()}.
     *
     * @param time more than zero, at most 365 days
     * @return new limits
     * @throws IllegalArgumentException if it is out of range, with the range
     */
    public ConnectionLimits keepAliveTimeout(Duration time) {
        Objects.requireNonNull(time, "time");
        return new ConnectionLimits(
                max, maxPerAddress, maxHandshakesPerAddress, maxHandshakesOfLoopback, handshakeTimeout, time);
    }
}
