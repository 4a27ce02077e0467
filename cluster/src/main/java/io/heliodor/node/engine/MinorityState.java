package io.heliodor.node.engine;

import java.util.Optional;

/** Tracks whether a node is in a minority. It is not before its first majority, and not after it left its cluster. */
public final class MinorityState {
    private boolean neverInMajority = true;
    private boolean minority;

    /** The node left its cluster. */
    public void leave() {
        neverInMajority = true;
    }

    /** Returns whether the node is in a minority from now on; empty without a change. */
    public Optional<Boolean> update(boolean majority) {
        neverInMajority &= !majority;
        boolean now = !majority && !neverInMajority;
        if (now == minority) {
            return Optional.empty();
        }
        minority = now;
        return Optional.of(now);
    }
}
