package io.heliodor.presence;

import io.heliodor.presence.announce.Audience;
import java.util.function.Consumer;

/** An owner of presences whose end is noticed, and its number in the state. Any thread may use it. */
final class Registration {
    private final Tracked owner;
    private final long number;
    private volatile boolean watched;

    /** Whether its client was sent the state of its topic. Guarded by the lock of the presence. */
    private boolean hasState;

    /** The heap that its presences take, if it has a client. Guarded by the lock of the presence. */
    private long bytes;

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

    /** Whether its client is to be sent the state for the first time. Under the lock of the presence. */
    boolean firstState() {
        boolean first = !hasState;
        hasState = true;
        return first;
    }

    /** Counts heap for its client; less if negative. Under the lock of the presence. */
    void hold(long more) {
        if (more == 0 || !(owner instanceof Audience audience)) {
            return;
        }
        if (more > 0) {
            audience.hold(more);
        } else {
            audience.release(-more);
        }
        bytes += more;
    }

    /** Its presences have gone. Under the lock of the presence. */
    void releaseAll() {
        hold(-bytes);
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
