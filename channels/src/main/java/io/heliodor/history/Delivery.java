package io.heliodor.history;

import java.util.Optional;

/**
 * A message that the members of this node get now.
 *
 * @param stamp its place in the order
 * @param content what was published
 * @param kept it as the log keeps it; empty if it is not kept
 * @param position that of this node after it
 * @param gap whether this node has missed messages since the last kept one
 * @param <C> the type of what is published
 */
public record Delivery<C>(
        CausalStamp stamp, C content, Optional<LogEntry<C>> kept, VersionVector position, boolean gap) {
    /**
     * Whether a member has it already, or later ones of its stream.
     *
     * @param has the position of the member
     * @return whether it is not to get it
     */
    public boolean isIn(VersionVector has) {
        long counter = has.get(stamp.dot().stream());
        return kept.isPresent()
                ? counter >= stamp.dot().counter()
                : counter > stamp.dot().counter();
    }

    /**
     * The token of a member that has all that this node delivered, and perhaps more.
     *
     * @param ahead the messages that this node has not
     * @param behindGap whether the member is to learn that messages before this one are missing
     * @return the text; empty if the message is not kept
     */
    public Optional<String> token(VersionVector ahead, boolean behindGap) {
        return kept.map(of -> of.token().with(ahead).text() + (behindGap ? ResumeToken.GAP : ""));
    }
}
