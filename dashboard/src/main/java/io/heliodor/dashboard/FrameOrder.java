package io.heliodor.dashboard;

import java.util.List;

/**
 * The text of {@link Query#FRAMES}.
 *
 * @param id the id of the trace
 * @param read the number of the last frame of each node that was read
 * @param maxBytes the size of the frames, about
 */
record FrameOrder(String id, List<Count> read, int maxBytes) {
    FrameOrder {
        read = Absent.orEmpty(read);
    }

    /** The number of the last frame of a node that was read; 0 if none was. */
    int after(String node) {
        return read.stream()
                .filter(each -> each.name().equals(node))
                .mapToInt(each -> Math.clamp(each.count(), 0, Integer.MAX_VALUE))
                .findFirst()
                .orElse(0);
    }
}
