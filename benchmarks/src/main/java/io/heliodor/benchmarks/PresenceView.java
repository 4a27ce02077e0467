package io.heliodor.benchmarks;

import java.util.BitSet;

/**
 * A client's view of a topic's presences, by their {@link PresenceNumbers}. As in phoenix.js, a state replaces all, and diffs
 * before the first state are applied after it.
 */
final class PresenceView {
    private final BitSet present = new BitSet();
    private final BitSet early = new BitSet();
    private final BitSet gone = new BitSet();
    private boolean synced;

    void state(BitSet all) {
        present.clear();
        present.or(all);
        if (!synced) {
            synced = true;
            present.or(early);
            present.andNot(gone);
        }
    }

    void diff(BitSet joins, BitSet leaves) {
        if (synced) {
            present.or(joins);
            present.andNot(leaves);
            return;
        }
        early.or(joins);
        early.andNot(leaves);
        gone.andNot(joins);
        gone.or(leaves);
    }

    /** Whether it has had a state. */
    boolean synced() {
        return synced;
    }

    int size() {
        return present.cardinality();
    }

    /** The presences; not to be changed. */
    BitSet present() {
        return present;
    }
}
