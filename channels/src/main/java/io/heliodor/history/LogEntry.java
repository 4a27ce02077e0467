package io.heliodor.history;

/**
 * A kept message in a log.
 *
 * @param stamp its place in the causal order, assigned by its publisher
 * @param content its content
 * @param at when it was kept, by the clock of this node
 * @param position the position of this log after it
 * @param token the token of members that have all messages delivered by this node
 * @param <C> the type of the contents
 */
public record LogEntry<C>(CausalStamp stamp, C content, long at, VersionVector position, ResumeToken token) {
    /**
     * The number of the message.
     *
     * @return the number
     */
    public Dot dot() {
        return stamp.dot();
    }

    HistoryMessage<C> message(long now) {
        return new HistoryMessage<>(stamp, content, Math.max(0, now - at));
    }
}
