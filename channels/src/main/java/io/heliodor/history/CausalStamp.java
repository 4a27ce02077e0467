package io.heliodor.history;

import java.util.List;

/**
 * The place of a message in the causal order: a vector timestamp (Birman, Schiper, Stephenson, 1991) that has only what its
 * receivers cannot know.
 *
 * @param dot its name if it is kept, else that of the last kept one of its stream before it; its counter may then be 0
 * @param kept whether it is
 * @param predecessors messages of other streams that come before it: the last ones of each
 */
public record CausalStamp(Dot dot, boolean kept, List<Dot> predecessors) {
    /** Takes a copy. */
    public CausalStamp {
        predecessors = List.copyOf(predecessors);
    }
}
