package io.heliodor.client.session;

/**
 * Decides when one more frame is requested: one at a time, while the callbacks that wait have room. A callback may wait for a reply that is
 * behind other frames, so there is more room while one is awaited.
 */
final class ReadWindow {
    private static final int MORE_CALLBACKS = 100;
    private static final long MORE_BYTES = 1 << 20;

    private final Limits limits;
    private int callbacks;
    private long bytes;
    private boolean isRequested;
    private boolean isPaused;

    ReadWindow(Limits limits) {
        this.limits = limits;
    }

    void queued(int size) {
        callbacks++;
        bytes += size;
    }

    void done(int number, long size) {
        callbacks -= number;
        bytes -= size;
    }

    /** Begins with a new connection, of which no frame is requested yet. */
    void connected() {
        isRequested = false;
        isPaused = false;
    }

    void received() {
        isRequested = false;
    }

    /** Pauses or resumes reading. True if that is a change. */
    boolean update(boolean isReplyAwaited) {
        boolean wasPaused = isPaused;
        isPaused = isFull(isReplyAwaited);
        return isPaused != wasPaused;
    }

    /** Whether no frame is read, because callbacks do not keep up. */
    boolean isPaused() {
        return isPaused;
    }

    private boolean isFull(boolean isReplyAwaited) {
        int number = limits.maxCallbacks();
        long size = limits.maxCallbackBytes();
        return isReplyAwaited
                ? callbacks >= number + Math.max(number, MORE_CALLBACKS) || bytes >= size + Math.max(size, MORE_BYTES)
                : callbacks >= number || bytes >= size;
    }

    /** Whether a frame is to be requested now; it counts as requested then. */
    boolean request() {
        if (isRequested || isPaused) {
            return false;
        }
        isRequested = true;
        return true;
    }

    int callbacks() {
        return callbacks;
    }

    long bytes() {
        return bytes;
    }
}
