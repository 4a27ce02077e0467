package io.heliodor.node;

import java.util.Optional;

/** Whether a node is in a minority. It is in none before its first majority, and while it is alone by its own will. */
final class MinorityState {
    private boolean neverInMajority = true;
    private boolean minority;

    /** The node leaves its cluster. */
    void leave() {
        neverInMajority = true;
    }

    /** Whether the node is in a minority from now on; empty if that is as before. */
    Optional<Boolean> update(boolean majority) {
        neverInMajority &= !majority;
        boolean now = !majority && !neverInMajority;
        if (now == minority) {
            return Optional.empty();
        }
        minority = now;
        return Optional.of(now);
    }
}
