package io.heliodor.session.telemetry;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The traffic of one lane. Written by the lane's thread alone, hence without an atomic operation; read by any thread.
 *
 * <p>The figures lie in the middle of an array, so that no other lane writes to their cache lines.
 */
public final class LaneTraffic {
    private static final VarHandle FIGURES = MethodHandles.arrayElementVarHandle(long[].class);

    /** Two cache lines, which processors fetch together. */
    private static final int APART = 16;

    private final long[] figures = new long[APART + LaneFigure.values().length + APART];

    // On the lane's thread.

    /** Frames were given to connections. */
    public void sent(long frames, long bytes) {
        add(LaneFigure.FRAMES_OUT, frames);
        add(LaneFigure.BYTES_OUT, bytes);
    }

    /** A message was read. */
    public void received(int bytes) {
        add(LaneFigure.BYTES_IN, bytes);
    }

    /** A handler held the loop for long. */
    public void stayedLong() {
        add(LaneFigure.LONG_STAYS, 1);
    }

    /** Sets the figures that the last sweep found. */
    public void swept(long outboxes, long queued, long paused, long oldestHandler) {
        set(LaneFigure.OUTBOXES, outboxes);
        set(LaneFigure.QUEUED, queued);
        set(LaneFigure.PAUSED, paused);
        set(LaneFigure.OLDEST_HANDLER, oldestHandler);
    }

    private void add(LaneFigure figure, long more) {
        set(figure, figures[index(figure)] + more);
    }

    private void set(LaneFigure figure, long value) {
        FIGURES.setOpaque(figures, index(figure), value);
    }

    // On any thread.

    public long get(LaneFigure figure) {
        return (long) FIGURES.getOpaque(figures, index(figure));
    }

    @SuppressWarnings("EnumOrdinal") // an index into memory, which ends with the process
    private static int index(LaneFigure figure) {
        return APART + figure.ordinal();
    }
}
