package io.heliodor.interop.attack;

import java.util.Locale;

/** One way to hurt a server. An attack runs several of them at a time, and each several times. */
interface AttackVector {
    /** Opens the connections and does the harm by their callbacks. Called on the thread of the swarm's reactor. */
    void begin(Swarm swarm);

    /** The name for {@code -Dheliodor.attack.vectors}. */
    default String name() {
        return getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }
}
