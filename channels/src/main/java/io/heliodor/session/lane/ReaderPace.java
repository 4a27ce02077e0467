package io.heliodor.session.lane;

/**
 * Judges by its socket's progress whether a client reads. Pure: the caller brings the time and the figures.
 *
 * <p>Exists while bytes wait for the client. See {@code docs/design/flow.md}.
 */
public final class ReaderPace {
    /** Fewer waiting bytes are a short delay on any network. */
    static final long SLOW_BYTES = 1 << 20;

    /** Below this rate, {@link #SLOW_BYTES} take more than a minute. */
    public static final long MIN_BYTES_PER_SECOND = 16 << 10;

    public enum Verdict {
        READS,
        /** The socket took nothing for the stall timeout. */
        STALLED,
        /** Much waited for half of the stall timeout, and the socket took less than the least rate. */
        TOO_SLOW
    }

    private final long stallNanos;
    private long progress;
    private long progressAt;
    private boolean muchWaits;
    private long taken;
    private long takenAt;

    /**
     * Begins to judge.
     *
     * @param stallNanos the stall timeout in nanoseconds
     * @param now the present time, monotonic, in nanoseconds
     * @param progress a figure that changes when the socket takes bytes
     */
    public ReaderPace(long stallNanos, long now, long progress) {
        this.stallNanos = stallNanos;
        this.progress = progress;
        this.progressAt = now;
    }

    /**
     * Judges by the progress since earlier calls.
     *
     * @param now the present time, monotonic, in nanoseconds
     * @param waiting the bytes that wait in the outbox, or of a response
     * @param newProgress as for the constructor
     * @param newTaken the bytes that the socket has taken in total
     * @return the verdict; after another one than {@code READS} the client is to be closed
     */
    public Verdict judge(long now, long waiting, long newProgress, long newTaken) {
        if (newProgress != progress) {
            progress = newProgress;
            progressAt = now;
        } else if (now - progressAt >= stallNanos) {
            return Verdict.STALLED;
        }
        if (waiting < SLOW_BYTES) {
            muchWaits = false;
        } else if (!muchWaits) {
            muchWaits = true;
            beginWindow(now, newTaken);
        } else if (now - takenAt >= stallNanos / 2) {
            double seconds = (now - takenAt) / 1e9;
            if (newTaken - taken < MIN_BYTES_PER_SECOND * seconds) {
                return Verdict.TOO_SLOW;
            }
            beginWindow(now, newTaken);
        }
        return Verdict.READS;
    }

    private void beginWindow(long now, long newTaken) {
        taken = newTaken;
        takenAt = now;
    }
}
