package io.heliodor.session;

import io.heliodor.limit.SessionLimits;
import io.heliodor.session.budget.TokenBucket;
import io.heliodor.session.budget.UploadPace;
import io.heliodor.session.lane.FlowControl;
import io.heliodor.session.lane.ReaderPace;
import org.jspecify.annotations.Nullable;

/**
 * The timeouts of one connection: idle client, slow message, slow reader, stuck handlers, end of the accepted time; and its rate of pings.
 * Used on the lane's thread.
 */
final class Liveness {
    private static final int PING_BURST = 100;
    private static final int PINGS_PER_SECOND = 10;

    private final Session<?> session;
    private boolean activeSinceSweep = true;
    private long idleSince;

    /** Whether the connection must be checked again by the next sweep. */
    private boolean checkAgain;

    private @Nullable TokenBucket pings;

    /** The bytes of a message that is not complete; 0 if there is none. */
    private int incomplete;

    /** The time at which that message began, or at which the client was last not read. */
    private long incompleteSince;

    /** Whether the connection is closed at {@link #expiry} in any case. */
    private boolean expires;

    private long expiry;

    Liveness(Session<?> session) {
        this.session = session;
    }

    /** Closes the connection at a time in any case. */
    void expireAt(long time) {
        session.sweepNext();
        expires = true;
        expiry = time;
    }

    /** Removes that time. */
    void expireNever() {
        expires = false;
    }

    /** The client sent something. */
    void active() {
        activeSinceSweep = true;
        session.sweepNext();
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
            incompleteSince = session.endpoint().nanos();
        }
        incomplete = bytes;
    }

    /** The client sent a ping. Returns false if there are too many. */
    boolean ping() {
        active();
        if (pings == null) {
            pings = new TokenBucket(
                    PING_BURST, PINGS_PER_SECOND, session.endpoint().nanos());
        }
        return pings.take(session.endpoint().nanos());
    }

    /** Closes the connection if one of its timeouts is over. */
    void sweep(long now) {
        FlowControl flow = session.flow();
        if (expires && now - expiry >= 0) {
            session.closeExpired();
            return;
        }
        checkAgain = session.connection().check();
        flow.sweep();
        if (flow.paused() || session.draining()) {
            // The client cannot be blamed for what is not read, so it counts as active until it is read again. A drain
            // reads no more, and has a deadline of its own.
            activeSinceSweep = true;
            incompleteSince = now;
            if (flow.handlersAreStuck(now, session.outbox().heap())) {
                session.closeStuck();
                return;
            }
        } else if (incomplete > 0 && now - incompleteSince >= UploadPace.allowed(limits().idleTimeout(), incomplete)) {
            session.close(SessionEnd.MESSAGE_TOO_SLOW);
            return;
        } else if (activeSinceSweep) {
            activeSinceSweep = false;
            idleSince = now;
        } else if (now - idleSince >= limits().idleTimeout().toNanos()) {
            session.close(SessionEnd.IDLE);
            return;
        }
        switch (session.outbox().judge(now)) {
            case READS -> {}
            case STALLED -> session.closeSlow("nothing was taken for " + limits().stallTimeout());
            case TOO_SLOW ->
                session.closeSlow("less than " + (ReaderPace.MIN_BYTES_PER_SECOND >> 10) + " KiB a second, "
                        + session.outbox().bytes() + " bytes wait");
        }
    }

    /** Whether no sweep has anything to check before {@link #nanosLeft}, unless the client sends something. */
    boolean rests() {
        return !activeSinceSweep
                && !checkAgain
                && incomplete == 0
                && !session.flow().paused();
    }

    /** The time until one of its timeouts is over. */
    long nanosLeft(long now) {
        long idle = limits().idleTimeout().toNanos() - (now - idleSince);
        return expires ? Math.min(idle, expiry - now) : idle;
    }

    private SessionLimits limits() {
        return session.endpoint().sessionLimits();
    }
}
