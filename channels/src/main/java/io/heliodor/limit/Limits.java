package io.heliodor.limit;

import java.time.Duration;

/**
 * Every bound of an endpoint: an immutable value, changed by its withers. Times are more than zero, at most 365 days.
 *
 * {@snippet lang="java" :
 * Limits.defaults().channelsPerSocket(10).idle(Duration.ofSeconds(90))
 * }
 *
 * @param messageBytes the largest message of a client, one frame or reassembled; over it the connection is closed with
 *     code 1009. 1 MiB by default, 1 KiB to 64 MiB
 * @param channelsPerSocket how many channels one connection may have joined; one more join is refused with the reason
 *     {@code too many channels joined}. 100 by default, at least 1
 * @param mailboxMessages how many messages may wait for the handlers of one channel; at this bound the connection is
 *     not read. 1 000 by default, at least 1
 * @param mailboxBytes how many bytes of messages may wait for the handlers of one channel; at this bound the connection
 *     is not read. 1 MiB by default, at least 1
 * @param mailboxFull how long a mailbox may stay full before its connection is closed with code 1008. 30 s by default
 * @param queuedBytesPerSocket how many bytes may wait for a client that does not read; where as many wait before a new
 *     frame, the connection is closed with code 4408. 1 MiB by default, at least 1
 * @param stalled how long bytes may wait without any being taken before the connection is closed with code 4408. 10 s
 *     by default
 * @param idle how long a client may be silent, heartbeats included, before the connection is closed with code 1001.
 *     60 s by default, twice what phoenix.js needs
 * @param handshake how long a connection may take from its acceptance to the end of its handshake. 5 s by default
 * @param historyBytes how many bytes the histories of all topics may keep together; beyond it the oldest of topics
 *     without members go first, then the oldest of the topic that grows. 64 MiB by default, at least 1
 */
public record Limits(
        int messageBytes,
        int channelsPerSocket,
        int mailboxMessages,
        int mailboxBytes,
        Duration mailboxFull,
        int queuedBytesPerSocket,
        Duration stalled,
        Duration idle,
        Duration handshake,
        long historyBytes) {
    /** Far from where nanoseconds overflow a long. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private static final Limits DEFAULTS = new Limits(
            1 << 20,
            100,
            1_000,
            1 << 20,
            Duration.ofSeconds(30),
            1 << 20,
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            Duration.ofSeconds(5),
            64 << 20);

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException if one is out of its range, naming it
     */
    public Limits {
        within("messageBytes", messageBytes, 1 << 10, 1 << 26);
        within("channelsPerSocket", channelsPerSocket, 1, Integer.MAX_VALUE);
        within("mailboxMessages", mailboxMessages, 1, Integer.MAX_VALUE);
        within("mailboxBytes", mailboxBytes, 1, Integer.MAX_VALUE);
        within("mailboxFull", mailboxFull);
        within("queuedBytesPerSocket", queuedBytesPerSocket, 1, Integer.MAX_VALUE);
        within("stalled", stalled);
        within("idle", idle);
        within("handshake", handshake);
        if (historyBytes < 1) {
            throw new IllegalArgumentException("historyBytes is " + historyBytes + "; it must be at least 1.");
        }
    }

    /**
     * Bounds that suit a server on the open internet.
     *
     * @return the defaults named above
     */
    public static Limits defaults() {
        return DEFAULTS;
    }

    /**
     * With another bound for messages.
     *
     * @param bytes 1 KiB to 64 MiB
     * @return new limits
     */
    public Limits messageBytes(int bytes) {
        return new Limits(
                bytes,
                channelsPerSocket,
                mailboxMessages,
                mailboxBytes,
                mailboxFull,
                queuedBytesPerSocket,
                stalled,
                idle,
                handshake,
                historyBytes);
    }

    /**
     * With another bound for channels.
     *
     * @param count at least 1
     * @return new limits
     */
    public Limits channelsPerSocket(int count) {
        return new Limits(
                messageBytes,
                count,
                mailboxMessages,
                mailboxBytes,
                mailboxFull,
                queuedBytesPerSocket,
                stalled,
                idle,
                handshake,
                historyBytes);
    }

    /**
     * With another bound for what waits for a channel's handlers.
     *
     * @param messages at least 1
     * @param bytes at least 1
     * @param full how long it may stay full: more than zero, at most 365 days
     * @return new limits
     */
    public Limits mailbox(int messages, int bytes, Duration full) {
        return new Limits(
                messageBytes,
                channelsPerSocket,
                messages,
                bytes,
                full,
                queuedBytesPerSocket,
                stalled,
                idle,
                handshake,
                historyBytes);
    }

    /**
     * With another bound for what waits for a client.
     *
     * @param bytes at least 1
     * @return new limits
     */
    public Limits queuedBytesPerSocket(int bytes) {
        return new Limits(
                messageBytes,
                channelsPerSocket,
                mailboxMessages,
                mailboxBytes,
                mailboxFull,
                bytes,
                stalled,
                idle,
                handshake,
                historyBytes);
    }

    /**
     * With another time for a client that takes nothing.
     *
     * @param time more than zero, at most 365 days
     * @return new limits
     */
    public Limits stalled(Duration time) {
        return new Limits(
                messageBytes,
                channelsPerSocket,
                mailboxMessages,
                mailboxBytes,
                mailboxFull,
                queuedBytesPerSocket,
                time,
                idle,
                handshake,
                historyBytes);
    }

    /**
     * With another time for a client that is silent.
     *
     * @param time more than zero, at most 365 days
     * @return new limits
     */
    public Limits idle(Duration time) {
        return new Limits(
                messageBytes,
                channelsPerSocket,
                mailboxMessages,
                mailboxBytes,
                mailboxFull,
                queuedBytesPerSocket,
                stalled,
                time,
                handshake,
                historyBytes);
    }

    /**
     * With another time for handshakes.
     *
     * @param time more than zero, at most 365 days
     * @return new limits
     */
    public Limits handshake(Duration time) {
        return new Limits(
                messageBytes,
                channelsPerSocket,
                mailboxMessages,
                mailboxBytes,
                mailboxFull,
                queuedBytesPerSocket,
                stalled,
                idle,
                time,
                historyBytes);
    }

    /**
     * With another bound for what all histories keep together.
     *
     * @param bytes at least 1
     * @return new limits
     */
    public Limits historyBytes(long bytes) {
        return new Limits(
                messageBytes,
                channelsPerSocket,
                mailboxMessages,
                mailboxBytes,
                mailboxFull,
                queuedBytesPerSocket,
                stalled,
                idle,
                handshake,
                bytes);
    }

    private static void within(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be "
                    + (most == Integer.MAX_VALUE ? "at least " + least : least + " to " + most) + ".");
        }
    }

    private static void within(String name, Duration value) {
        if (!value.isPositive() || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    name + " is " + value + "; it must be more than zero and at most 365 days.");
        }
    }
}
