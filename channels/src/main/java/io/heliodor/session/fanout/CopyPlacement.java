package io.heliodor.session.fanout;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The decision when a log requests a copy on another node, and on which one. Pure: guarded by its topic's lock, without a clock. */
final class CopyPlacement {
    /** The interval at which a node is requested to keep its copy longer. */
    private static final long AGAIN = Duration.ofSeconds(20).toNanos();

    /** Until another one is asked, after one that refused, and at most after one that did not answer. */
    private static final long PAUSE = Duration.ofSeconds(5).toNanos();

    /** Until another one is asked after the second request in a row without an answer; it doubles then. */
    private static final long FIRST_PAUSE = Duration.ofSeconds(1).toNanos();

    /** The answer of a node to the request whether it keeps a copy. */
    enum Answer {
        KEEPS,
        REFUSES,
        /** The request or its answer was lost, or this node is alone. */
        NONE
    }

    /** A node that had a copy for less gave it up for its bounds. */
    private static final long SOON = Duration.ofMinutes(1).toNanos();

    /** The node that keeps the copy. */
    private @Nullable String keeper;

    private long keepsSince;
    private boolean asking;
    private int attempt;
    private long pause;
    private @Nullable Long nextAt;

    private boolean mayBeDue(long now) {
        return !asking && (nextAt == null || now - nextAt >= 0);
    }

    /**
     * Whether a node is to be asked now; it is being asked then.
     *
     * @param others the nodes that have a log, or soon will
     */
    boolean isDue(Set<String> others, long now) {
        if (keeper != null && !others.contains(keeper)) {
            attempt += now - keepsSince < SOON ? 1 : 0;
            keeper = null;
            nextAt = null;
        }
        boolean alone = others.isEmpty() || (keeper != null && others.equals(Set.of(keeper)));
        boolean due = alone && mayBeDue(now);
        asking |= due;
        return due;
    }

    /** Which of the other nodes is to be asked: how often one was passed over. */
    int attempt() {
        return attempt;
    }

    /**
     * A node was asked. Without an answer another one is asked at once: until then nothing but this node has the messages. If that
     * goes on, the pauses double: the other nodes may be none that keep copies.
     */
    void asked(String node, Answer answer, long age, long now) {
        asking = false;
        if (answer == Answer.NONE && keeper != null) {
            nextAt = now + PAUSE;
            return;
        }
        if (answer != Answer.KEEPS) {
            attempt++;
            nextAt = now + (answer == Answer.REFUSES ? PAUSE : pause);
            pause = Math.clamp(2 * pause, FIRST_PAUSE, PAUSE);
            return;
        }
        pause = 0;
        if (!node.equals(keeper)) {
            keeper = node;
            keepsSince = now;
        }
        nextAt = now + Math.min(AGAIN, age / 3);
    }
}
