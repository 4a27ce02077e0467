package io.heliodor.transport.longpoll;

import io.heliodor.session.budget.MemoryBudget;
import java.time.Duration;

/**
 * The limits of long polling.
 *
 * @param window the time that a poll waits for messages, and a post for its delivery
 * @param inactive the time after its last poll at which a session ends
 * @param body the time for the body of a post
 * @param bodyBytes the maximum of a post's body
 * @param sessions the maximum of sessions
 */
public record PollLimits(Duration window, Duration inactive, Duration body, int bodyBytes, int sessions) {
    /**
     * The values that phoenix.js expects.
     *
     * @return a window of 10 s, an end after 15 s, bodies of 8 MB within 20 s, 100 000 sessions
     */
    public static PollLimits defaults() {
        return new PollLimits(
                Duration.ofSeconds(10), Duration.ofSeconds(15), Duration.ofSeconds(20), 8_000_000, 100_000);
    }

    /**
     * Sets the window; sessions end one and a half of it after their last poll.
     *
     * @param time more than zero
     * @return new limits
     */
    public PollLimits window(Duration time) {
        return new PollLimits(time, time.multipliedBy(3).dividedBy(2), body, bodyBytes, sessions);
    }

    /**
     * Sets the time after which a session ends.
     *
     * @param time more than the window
     * @return new limits
     */
    public PollLimits inactive(Duration time) {
        return new PollLimits(window, time, body, bodyBytes, sessions);
    }

    /**
     * Sets the time for a body.
     *
     * @param time for one body
     * @return new limits
     */
    public PollLimits body(Duration time) {
        return new PollLimits(window, inactive, time, bodyBytes, sessions);
    }

    /**
     * Lowers the maximum of sessions, so that those of one network cannot make memory short, which would keep all clients out.
     *
     * @param heapBytes the memory of all clients
     * @return limits whose sessions take at most a quarter of it
     */
    public PollLimits within(long heapBytes) {
        long quarter = heapBytes / 4 / (MemoryBudget.CONNECTION_BYTES + MemoryBudget.ID_BYTES);
        return sessions(Math.toIntExact(Math.clamp(quarter, 1, sessions)));
    }

    /**
     * Sets the maximum of sessions.
     *
     * @param max at least 1
     * @return new limits
     */
    public PollLimits sessions(int max) {
        return new PollLimits(window, inactive, body, bodyBytes, max);
    }
}
