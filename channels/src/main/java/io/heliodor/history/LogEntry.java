package io.heliodor.history;

/**
 * A message that a log keeps.
 *
 * @param stamp its place in the order, as its publisher gave it
 * @param content what was published
 * @param at when it was kept, by the clock of this node
 * @param position the position of this node after it
 * @param token of the members that have all that this node delivered
 * @param <C> the type of what is published
 */
public record LogEntry<C>(CausalStamp stamp, C content, long at, VersionVector position, ResumeToken token) {
    Dot dot() {
        return stamp.dot();
    }

    Message<C> message(long now) {
        return new Message<>(stamp, content, Math.max(0, now - at));
    }
}
