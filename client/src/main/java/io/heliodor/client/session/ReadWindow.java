package io.heliodor.client.session;

/** Decides when one more frame is requested: one at a time, while the callbacks that wait have room. */
final class ReadWindow {
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
    boolean isFull() {
        return callbacks >= limits.maxCallbacks() || bytes >= limits.maxCallbackBytes();
    }

    /** Whether a frame is to be requested now; it counts as requested then. */
    boolean request() {
        if (isRequested || isFull()) {
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
