package io.heliodor.history;

import java.util.Optional;

/**
 * A message that is delivered to the members of this node.
 *
 * @param stamp its place in the causal order
 * @param content its content
 * @param kept its log entry; empty if it is not kept
 * @param position the position of this log after it
 * @param gap the messages that this node has missed since the last kept one
 * @param <C> the type of the contents
 */
public record Delivery<C>(CausalStamp stamp, C content, Optional<LogEntry<C>> kept, VersionVector position, Gap gap) {
    /**
     * Whether a member has this message, or later ones of its stream.
     *
     * @param has the position of the member
     * @return true if the message must not be sent to the member
     */
    public boolean isIn(VersionVector has) {
        long counter = has.get(stamp.dot().stream());
        return kept.isPresent()
                ? counter >= stamp.dot().counter()
                : counter > stamp.dot().counter();
    }

    /**
     * The messages that a member has and this node does not have after this message.
     *
     * @param ahead what the member had before it and this node did not have
     * @return the part that this node still lacks; a retired stream is not part of it
     */
    public VersionVector rest(VersionVector ahead) {
        if (kept.isEmpty() && !gap.isEmpty()) {
            return ahead; // the next kept one reports the gap
        }
        return gap.rest(ahead)
                .where((id, counter) -> counter > position.get(id)
                        && stamp.retired().stream()
                                .noneMatch(last -> last.stream() == id && last.counter() >= counter));
    }

    /**
     * The token of a member that has all messages delivered by this node, and perhaps more.
     *
     * @param ahead the messages of the member that this node does not have
     * @param afterGap whether to mark that messages before this one are missing
     * @return the text of the token; empty if the message is not kept
     */
    public Optional<String> token(VersionVector ahead, boolean afterGap) {
        return kept.map(of -> of.token().with(ahead).text() + (afterGap ? ResumeToken.GAP : ""));
    }
}
