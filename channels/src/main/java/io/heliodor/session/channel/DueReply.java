package io.heliodor.session.channel;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.wire.Ref;

/**
 * The one reply to a call whose handler may return without it. Several may want to write it: a deferred reply, its failure, and the
 * end of the channel. The first one does. Any thread may use it.
 */
final class DueReply {
    private final Ref ref;

    @GuardedBy("this")
    private boolean answered;

    DueReply(Ref ref) {
        this.ref = ref;
    }

    Ref ref() {
        return ref;
    }

    /** Whether a client waits for it. */
    boolean isAwaited() {
        return !ref.isNull();
    }

    /**
     * Has the reply written, unless it was before. The end of the channel waits meanwhile, so that a reply that is written here precedes it.
     *
     * @return whether it was written now
     */
    synchronized boolean answer(Runnable write) {
        if (answered) {
            return false;
        }
        answered = true;
        write.run();
        return true;
    }

    synchronized boolean isAnswered() {
        return answered;
    }
}
