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
    }

    void received() {
        isRequested = false;
    }

    /** Whether reading is paused. */
    boolean isFull(boolean isReplyAwaited) {
        int number = limits.maxCallbacks();
        long size = limits.maxCallbackBytes();
        return isReplyAwaited
                ? callbacks >= number + Math.max(number, MORE_CALLBACKS) || bytes >= size + Math.max(size, MORE_BYTES)
                : callbacks >= number || bytes >= size;
    }

    /** Whether a frame is to be requested now; it counts as requested then. */
    boolean request(boolean isReplyAwaited) {
        if (isRequested || isFull(isReplyAwaited)) {
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
