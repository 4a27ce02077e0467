package io.heliodor.history;

import java.util.List;

/**
 * A message on its way to other nodes.
 *
 * @param dot its name if it is kept, else that of the last kept one of its stream before it; its counter may then be 0
 * @param kept whether it is
 * @param predecessors messages of other streams that come before it: the last ones of each
 * @param content what is published
 * @param age for how long it has been kept, in nanoseconds
 * @param <C> the type of what is published
 */
record Message<C>(Dot dot, boolean kept, List<Dot> predecessors, C content, long age) {
    Message {
        predecessors = List.copyOf(predecessors);
    }
}
