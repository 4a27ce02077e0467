package io.heliodor.history;

import java.util.List;

/**
 * A message that a log keeps.
 *
 * @param dot its name
 * @param predecessors as its publisher named them
 * @param content what was published
 * @param at when it was kept, by the clock of this node
 * @param position the position of this node after it
 * @param <C> the type of what is published
 */
record Kept<C>(Dot dot, List<Dot> predecessors, C content, long at, Position position) {
    Message<C> message(long now) {
        return new Message<>(dot, true, predecessors, content, Math.max(0, now - at));
    }
}
