package io.heliodor.presence;

import io.heliodor.presence.announce.Audience;
import java.util.function.Consumer;

/** An owner of presences whose end is noticed, and its number in the state. Any thread may use it. */
final class Registration {
    private final Tracked owner;
    private final long number;
    private volatile boolean watched;

    Registration(Tracked owner, long number) {
        this.owner = owner;
        this.number = number;
    }

    Tracked owner() {
        return owner;
    }

    long number() {
        return number;
    }

    /**
     * Has the end of the owner reported: at once if it has ended. When this returns, the end has been reported or will be.
     * Threads that track an owner for the first time at the same moment may each do so.
     */
    void watch(Consumer<Registration> ended) {
        if (watched) {
            return;
        }
        if (owner instanceof Audience audience) {
            audience.onGone(() -> ended.accept(this));
        } else {
            owner.onEnd(() -> ended.accept(this));
        }
        watched = true;
    }
}
