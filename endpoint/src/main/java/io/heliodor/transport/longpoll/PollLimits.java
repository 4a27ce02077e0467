package io.heliodor.transport.longpoll;

import java.time.Duration;

/**
 * The bounds of long polling.
 *
 * @param window how long a poll waits for messages, and a post for room
 * @param inactive how long after its last poll a session ends
 * @param body how long the body of a post may take
 * @param bodyBytes the largest body of a post
 * @param sessions how many sessions there may be
 */
public record PollLimits(Duration window, Duration inactive, Duration body, int bodyBytes, int sessions) {
    /**
     * What phoenix.js expects.
     *
     * @return a window of 10 s, an end after 15 s, bodies of 8 MB within 20 s, 100 000 sessions
     */
    public static PollLimits defaults() {
        return new PollLimits(
                Duration.ofSeconds(10), Duration.ofSeconds(15), Duration.ofSeconds(20), 8_000_000, 100_000);
    }

    /**
     * With another window; sessions end one and a half of it after their last poll.
     *
     * @param time more than zero
     * @return new limits
     */
    public PollLimits window(Duration time) {
        return new PollLimits(time, time.multipliedBy(3).dividedBy(2), body, bodyBytes, sessions);
    }

    /**
     * With another end of sessions.
     *
     * @param time more than the window
     * @return new limits
     */
    public PollLimits inactive(Duration time) {
        return new PollLimits(window, time, body, bodyBytes, sessions);
    }

    /**
     * With another time for bodies.
     *
     * @param time for one of them
     * @return new limits
     */
    public PollLimits body(Duration time) {
        return new PollLimits(window, inactive, time, bodyBytes, sessions);
    }

    /**
     * With another bound for sessions.
     *
     * @param most at least 1
     * @return new limits
     */
    public PollLimits sessions(int most) {
        return new PollLimits(window, inactive, body, bodyBytes, most);
    }
}
