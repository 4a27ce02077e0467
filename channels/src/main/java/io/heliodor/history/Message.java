package io.heliodor.history;

/**
 * A message on its way to other nodes.
 *
 * @param stamp its place in the order
 * @param content what is published
 * @param age for how long it has been kept, in nanoseconds
 * @param <C> the type of what is published
 */
public record Message<C>(CausalStamp stamp, C content, long age) {
    Dot dot() {
        return stamp.dot();
    }

    boolean kept() {
        return stamp.kept();
    }
}
