package io.heliodor.transport.http;

import io.heliodor.session.budget.UploadPace;
import io.heliodor.session.lane.ReaderPace;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Judges by the socket's progress whether a client takes a response: by the rules for the reader of a WebSocket
 * ({@link ReaderPace}), and not slower than a client may send a body ({@link UploadPace}), so that each response ends. Used
 * on the loop of the connection, which brings the figures once in each period.
 */
public final class ResponsePace {
    private static final long MIN_PERIOD = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long MAX_PERIOD = TimeUnit.SECONDS.toNanos(1);

    private final ReaderPace pace;
    private final long period;
    private final long maxTime;

    /** The sum of the periods so far: time in which the server stood still does not count. */
    private long time;

    /**
     * A response that was given to the socket.
     *
     * @param stallTimeout the time without progress after which the client does not take it
     * @param bytes the size of the response
     * @param pending the bytes that the socket has not taken yet
     */
    ResponsePace(Duration stallTimeout, int bytes, long pending) {
        this.pace = new ReaderPace(stallTimeout.toNanos(), 0, -pending);
        this.period = Math.clamp(stallTimeout.toNanos() / 4, MIN_PERIOD, MAX_PERIOD);
        this.maxTime = maxTime(stallTimeout, bytes).toNanos();
    }

    /** The time in which a client takes a response, or its connection is closed. */
    public static Duration maxTime(Duration stallTimeout, int bytes) {
        return Duration.ofNanos(UploadPace.allowed(stallTimeout, bytes));
    }

    /** The time between two calls of {@link #isTooSlow}. */
    Duration period() {
        return Duration.ofNanos(period);
    }

    /** Whether the client does not take the response, a period after the last call. */
    boolean isTooSlow(long pending) {
        time += period;
        return time >= maxTime || pace.judge(time, pending, -pending, -pending) != ReaderPace.Verdict.READS;
    }
}
