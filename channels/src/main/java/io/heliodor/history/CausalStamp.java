package io.heliodor.history;

import java.util.List;

/**
 * The place of a message in the causal order: a vector timestamp (Birman, Schiper, Stephenson, 1991), without the components that its
 * receivers know already.
 *
 * @param dot the identifier of a kept message. For a message that is not kept, that of the last kept one before it in its stream, whose
 *     counter may be 0
 * @param kept whether the message is kept
 * @param predecessors the last message of each other stream that precedes it
 * @param retired the last message of each stream that it retires: logs that have delivered it do not name these streams any more
 */
public record CausalStamp(Dot dot, boolean kept, List<Dot> predecessors, List<Dot> retired) {
    /** Copies the lists. */
    public CausalStamp {
        predecessors = List.copyOf(predecessors);
        retired = List.copyOf(retired);
    }

    /**
     * A stamp that retires no stream.
     *
     * @param dot the identifier of the message, or of the last kept one before it
     * @param kept whether the message is kept
     * @param predecessors the last message of each other stream that precedes it
     */
    public CausalStamp(Dot dot, boolean kept, List<Dot> predecessors) {
        this(dot, kept, predecessors, List.of());
    }
}
