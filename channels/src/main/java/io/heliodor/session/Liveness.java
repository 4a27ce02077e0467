package io.heliodor.session;

import io.heliodor.session.budget.TokenBucket;
import io.heliodor.session.budget.UploadPace;
import io.heliodor.session.lane.Connection;
import io.heliodor.session.lane.FlowControl;
import io.heliodor.session.lane.Outbox;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The timeouts of one connection: idle client, slow message, stuck handlers, end of the accepted time; and its rate of pings. Used on the
 * lane's thread.
 */
final class Liveness {
    private static final int PING_BURST = 100;
    private static final int PINGS_PER_SECOND = 10;

    private final FlowControl flow;
    private boolean activeSinceSweep = true;
    private long idleSince;

    /** Whether the connection must be checked again by the next sweep. */
    private boolean checkAgain;

    private @Nullable TokenBucket pings;

    /** The bytes of a message that is not complete; 0 if there is none. */
    private int incomplete;

    /** The time at which that message began, or at which the client was last not read. */
    private long incompleteSince;

    /** The end of the connection at {@link #expiry}, in any case; null for none. */
    private @Nullable SessionEnd expires;

    private long expiry;

    Liveness(FlowControl flow) {
        this.flow = flow;
    }

    /** Closes the connection at a time in any case. */
    void expireAt(long time, SessionEnd end) {
        expires = end;
        expiry = time;
    }

    /** Removes that time. */
    void expireNever() {
        expires = null;
    }

    /** The end of the connection if its time is over, or null. */
    @Nullable
    SessionEnd expired() {
        return expires != null && now() - expiry >= 0 ? expires : null;
    }

    /** The client sent something. */
    void active() {
        activeSinceSweep = true;
    }

    /** A message is complete. */
    void complete() {
        active();
        incomplete = 0;
    }

    /** Bytes arrived. The argument is the size of the message that is not complete, or 0. */
    void arrived(int bytes) {
        active();
        if (incomplete == 0 && bytes > 0) {
            incompleteSince = now();
        }
        incomplete = bytes;
    }

    /** The client sent a ping. Returns false if there are too many. */
    boolean ping() {
        active();
        if (pings == null) {
            pings = new TokenBucket(PING_BURST, PINGS_PER_SECOND, now());
        }
        return pings.take(now());
    }

    /** The end of a connection one of whose timeouts is over, or null. {@code draining}: it is not read any more, for a drain. */
    @Nullable
    SessionEnd sweep(long now, Connection connection, Outbox outbox, boolean draining) {
        if (expires != null && now - expiry >= 0) {
            return expires;
        }
        checkAgain = connection.check();
        flow.sweep();
        if (flow.paused() || draining) {
            // The client cannot be blamed for what is not read, so it counts as active until it is read again. A drain
            // reads no more, and has a deadline of its own.
            activeSinceSweep = true;
            incompleteSince = now;
            return flow.handlersAreStuck(now, outbox.heap()) ? SessionEnd.MAILBOX_FULL : null;
        }
        if (incomplete > 0 && now - incompleteSince >= UploadPace.allowed(idleTimeout(), incomplete)) {
            return SessionEnd.MESSAGE_TOO_SLOW;
        }
        if (activeSinceSweep) {
            activeSinceSweep = false;
            idleSince = now;
        } else if (now - idleSince >= idleTimeout().toNanos()) {
            return SessionEnd.IDLE;
        }
        return null;
    }

    /** Whether no sweep has anything to check before {@link #nanosLeft}, unless the client sends something. */
    boolean rests() {
        return !activeSinceSweep && !checkAgain && incomplete == 0 && !flow.paused();
    }

    /** The time until one of its timeouts is over. */
    long nanosLeft(long now) {
        long idle = idleTimeout().toNanos() - (now - idleSince);
        return expires != null ? Math.min(idle, expiry - now) : idle;
    }

    private long now() {
        return flow.budget().now();
    }

    private Duration idleTimeout() {
        return flow.limits().idleTimeout();
    }
}
