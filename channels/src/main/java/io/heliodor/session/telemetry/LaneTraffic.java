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

    private static final int FRAMES_OUT = APART;
    private static final int BYTES_OUT = APART + 1;
    private static final int BYTES_IN = APART + 2;
    private static final int OUTBOXES = APART + 3;
    private static final int QUEUED = APART + 4;
    private static final int PAUSED = APART + 5;
    private static final int OLDEST_HANDLER = APART + 6;

    private final long[] figures = new long[OLDEST_HANDLER + 1 + APART];

    // On the lane's thread.

    /** Frames were given to connections. */
    public void sent(long frames, long bytes) {
        add(FRAMES_OUT, frames);
        add(BYTES_OUT, bytes);
    }

    /** A message was read. */
    public void received(int bytes) {
        add(BYTES_IN, bytes);
    }

    /** Sets the figures that the last sweep found. */
    public void swept(long outboxes, long queued, long paused, long oldestHandler) {
        FIGURES.setOpaque(figures, OUTBOXES, outboxes);
        FIGURES.setOpaque(figures, QUEUED, queued);
        FIGURES.setOpaque(figures, PAUSED, paused);
        FIGURES.setOpaque(figures, OLDEST_HANDLER, oldestHandler);
    }

    private void add(int figure, long more) {
        FIGURES.setOpaque(figures, figure, figures[figure] + more);
    }

    // On any thread.

    long framesOut() {
        return get(FRAMES_OUT);
    }

    long bytesOut() {
        return get(BYTES_OUT);
    }

    long bytesIn() {
        return get(BYTES_IN);
    }

    long outboxes() {
        return get(OUTBOXES);
    }

    public long queued() {
        return get(QUEUED);
    }

    long paused() {
        return get(PAUSED);
    }

    /** For how many nanoseconds the oldest of the handlers that run had run. */
    long oldestHandler() {
        return get(OLDEST_HANDLER);
    }

    private long get(int figure) {
        return (long) FIGURES.getOpaque(figures, figure);
    }
}
