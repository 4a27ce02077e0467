package io.heliodor.limit;

import java.time.Duration;
import java.util.Objects;

/**
 * Limits for one connected client: the size and number of its messages and channels, and its timeouts.
 *
 * @param maxMessageBytes bytes of a message of a client, one frame or reassembled; 1 KiB to 64 MiB, 1 MiB by default. A larger one closes the
 *     connection with code 1009. Larger messages need more memory: a client is read until four of them are held
 * @param maxChannels channels that one connection may have joined; at least 1, 100 by default. One more join is refused with the reason
 *     {@code too many channels joined}. Each takes about 2 KiB of {@link MemoryLimits#maxHeapBytes()}
 * @param maxMailboxMessages messages that wait for the handlers of one channel; at least 1, 1 000 by default. At the limit the connection is not
 *     read. More absorb longer bursts, and make a message wait longer for a slow handler
 * @param mailboxTimeout how long a connection may stay unread because a mailbox or its memory is full; more than zero, at most 365 days, 30 s by
 *     default. Then it is closed with code 1008. Set it no shorter than the longest call of a handler
 * @param stallTimeout how long bytes may wait while the socket of the client takes none; more than zero, at most 365 days, 10 s by default.
 *     Then the connection is closed with code 4408; also if 1 MiB or more waits for half of this time and the socket takes less
 *     than 16 KiB a second. A longer one keeps clients through gaps of a radio network, and holds their bytes so long
 * @param idleTimeout how long no byte of a client may arrive, heartbeats included; 1 s to 365 days, 60 s by default, twice the
 *     interval of the heartbeats of phoenix.js. Then the connection is closed with code 1001. A message must be complete in
 *     this time after its first byte, and a second more for each KiB of it that has arrived. A shorter one notices dead clients
 *     earlier; below twice the interval it closes live ones
 */
public record SessionLimits(
        int maxMessageBytes,
        int maxChannels,
        int maxMailboxMessages,
        Duration mailboxTimeout,
        Duration stallTimeout,
        Duration idleTimeout) {
    /** Idle clients are looked for once a second. */
    private static final Duration MIN_IDLE_TIMEOUT = Duration.ofSeconds(1);

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a value is out of its range, with its name, the value and the range
     */
    public SessionLimits {
        Objects.requireNonNull(mailboxTimeout, "mailboxTimeout");
        Objects.requireNonNull(stallTimeout, "stallTimeout");
        Objects.requireNonNull(idleTimeout, "idleTimeout");
        Range.check("sessions.maxMessageBytes", maxMessageBytes, 1 << 10, 1 << 26);
        Range.check("sessions.maxChannels", maxChannels, 1);
        Range.check("sessions.maxMailboxMessages", maxMailboxMessages, 1);
        Range.check("sessions.mailboxTimeout", mailboxTimeout);
        Range.check("sessions.stallTimeout", stallTimeout);
        Range.check("sessions.idleTimeout", idleTimeout, MIN_IDLE_TIMEOUT);
    }

    /**
     * These limits with another {@link #maxMessageBytes()}.
     *
     * @param bytes 1 KiB to 64 MiB
     * @return new limits
     * @throws IllegalArgumentException if it is out of range, with the range
     */
    public SessionLimits maxMessageBytes(int bytes) {
        return new SessionLimits(bytes, maxChannels, maxMailboxMessages, mailboxTimeout, stallTimeout, idleTimeout);
    }

    /**
     * These limits with another {@link #maxChannels()}.
     *
     * @param count at least 1
     * @return new limits
     * @throws IllegalArgumentException if it is out of range, with the range
     */
    public SessionLimits maxChannels(int count) {
        return new SessionLimits(maxMessageBytes, count, maxMailboxMessages, mailboxTimeout, stallTimeout, idleTimeout);
    }

    /**
     * These limits with another {@link #maxMailboxMessages()}.
     *
     * @param count at least 1
     * @return new limits
     * @throws IllegalArgumentException if it is out of range, with the range
     */
    public SessionLimits maxMailboxMessages(int count) {
        return new SessionLimits(maxMessageBytes, maxChannels, count, mailboxTimeout, stallTimeout, idleTimeout);
    }

    /**
     * These limits with another {@link #mailboxTimeout()}.
     *
     * @param time more than zero, at most 365 days
     * @return new limits
     * @throws IllegalArgumentException if it is out of range, with the range
     */
    public SessionLimits mailboxTimeout(Duration time) {
        Objects.requireNonNull(time, "time");
        return new SessionLimits(maxMessageBytes, maxChannels, maxMailboxMessages, time, stallTimeout, idleTimeout);
    }

    /**
     * These limits with another {@link #stallTimeout()}.
     *
     * @param time more than zero, at most 365 days
     * @return new limits
     * @throws IllegalArgumentException if it is out of range, with the range
     */
    public SessionLimits stallTimeout(Duration time) {
        Objects.requireNonNull(time, "time");
        return new SessionLimits(maxMessageBytes, maxChannels, maxMailboxMessages, mailboxTimeout, time, idleTimeout);
    }

    /**
     * These limits with another {@link #idleTimeout()}.
     *
     * @param time 1 s to 365 days
     * @return new limits
     * @throws IllegalArgumentException if it is out of range, with the range
     */
    public SessionLimits idleTimeout(Duration time) {
        Objects.requireNonNull(time, "time");
        return new SessionLimits(maxMessageBytes, maxChannels, maxMailboxMessages, mailboxTimeout, stallTimeout, time);
    }
}
