package io.heliodor.dashboard;

import java.util.List;

/**
 * The reply to the call {@code frames}.
 *
 * @param frames the frames after those that were read, in the order of their times
 * @param read the number of the last frame of each node that is read now
 * @param running whether more frames may follow
 * @param ended the nodes on which it has ended
 * @param untraced the nodes that do not have the trace
 * @param silent the nodes without an answer
 */
record Frames(
        List<LocatedFrame> frames,
        List<Count> read,
        boolean running,
        List<TraceEnd> ended,
        List<String> untraced,
        List<String> silent) {}
