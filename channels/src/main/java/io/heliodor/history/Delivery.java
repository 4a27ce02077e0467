package io.heliodor.history;

import java.util.Optional;

/**
 * A message that the members of this node get now.
 *
 * @param content what was published
 * @param dot its name if it is kept, else that of the last kept one of its stream before it
 * @param kept it as the log keeps it; empty if it is not kept
 * @param token for the members that have all that this node delivered; empty if it is not kept
 * @param position that of this node after it
 * @param gap whether this node has missed messages since the last kept one
 * @param <C> the type of what is published
 */
record Delivery<C>(C content, Dot dot, Optional<Kept<C>> kept, String token, Position position, boolean gap) {
    /**
     * Whether a member has it already, or later ones of its stream.
     *
     * @param position what the member has
     */
    boolean isIn(Position position) {
        long has = position.get(dot.stream());
        return kept.isPresent() ? has >= dot.counter() : has > dot.counter();
    }
}
