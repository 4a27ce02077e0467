package io.heliodor.dashboard;

import java.util.List;

/**
 * The answer of a node to {@link Query#FRAMES}.
 *
 * @param known whether the node has the trace
 * @param frames frames after those that were read
 * @param total the number of all its frames so far
 * @param ended the reason of its end: {@code time}, {@code frames}, {@code bytes} or {@code unread}; empty while it runs
 */
record FrameReport(boolean known, List<LoggedFrame> frames, int total, String ended) {
    FrameReport {
        frames = Absent.orEmpty(frames);
        ended = Absent.orEmpty(ended);
    }

    /** The answer of a node that does not have the trace. */
    static FrameReport unknown() {
        return new FrameReport(false, List.of(), 0, "");
    }
}
