package io.heliodor.session.replication;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The decision when a log requests a copy on another node, and on which one. Pure: guarded by its topic's lock, without a clock. */
public final class CopyPlacement {
    /** The interval at which a node is requested to keep its copy longer. */
    private static final long RENEW_INTERVAL = Duration.ofSeconds(20).toNanos();

    /** The delay after a refusal or a silent keeper, and the maximum after no reply. */
    private static final long PAUSE = Duration.ofSeconds(5).toNanos();

    /** The delay after the second request in a row without a reply; it doubles then. */
    private static final long FIRST_PAUSE = Duration.ofSeconds(1).toNanos();

    /** The reply of a node to the request whether it keeps a copy. */
    public enum Reply {
        KEEPS,
        REFUSES,
        /** The request or its reply was lost, or this node is alone. */
        NONE
    }

    /** A copy dropped sooner counts as a failed attempt. */
    private static final long MIN_KEPT = Duration.ofMinutes(1).toNanos();

    /** The node that keeps the copy. */
    private @Nullable String keeper;

    private long keepsSince;
    private boolean requesting;
    private int attempt;
    private long pause;
    private @Nullable Long nextAt;

    private boolean mayBeDue(long now) {
        return !requesting && (nextAt == null || now - nextAt >= 0);
    }

    /**
     * Whether a request is due now. If so, it counts as begun, until {@link #completed}.
     *
     * @param holders the nodes that have a log, or soon will
     * @param others these nodes, and those that may have one: a copy there is renewed, and none of them makes a copy unnecessary
     */
    public boolean isDue(Set<String> holders, Set<String> others, long now) {
        if (keeper != null && !others.contains(keeper)) {
            attempt += now - keepsSince < MIN_KEPT ? 1 : 0;
            keeper = null;
            nextAt = null;
        }
        boolean alone = holders.isEmpty() || (keeper != null && holders.equals(Set.of(keeper)));
        boolean due = alone && mayBeDue(now);
        requesting |= due;
        return due;
    }

    /** The number of failed attempts, which determines the node that gets the request. */
    public int attempt() {
        return attempt;
    }

    /**
     * Handles the result of a request. A keeper that does not reply gets the next one, too, after {@link #PAUSE}. Without a keeper,
     * another node gets one at once, since only this node has the messages. If that repeats, the delays double: perhaps no other
     * node keeps copies.
     */
    public void completed(String node, Reply reply, long age, long now) {
        requesting = false;
        if (reply == Reply.NONE && keeper != null) {
            nextAt = now + PAUSE;
            return;
        }
        if (reply != Reply.KEEPS) {
            attempt++;
            nextAt = now + (reply == Reply.REFUSES ? PAUSE : pause);
            pause = Math.clamp(2 * pause, FIRST_PAUSE, PAUSE);
            return;
        }
        pause = 0;
        if (!node.equals(keeper)) {
            keeper = node;
            keepsSince = now;
        }
        nextAt = now + Math.min(RENEW_INTERVAL, age / 3);
    }
}
