package io.heliodor.history;

/**
 * A message between nodes.
 *
 * @param stamp its place in the causal order
 * @param content its content
 * @param age the time since it was kept first, in nanoseconds
 * @param <C> the type of the contents
 */
public record HistoryMessage<C>(CausalStamp stamp, C content, long age) {
    Dot dot() {
        return stamp.dot();
    }

    boolean kept() {
        return stamp.kept();
    }
}
