package io.heliodor.session.lane;

/** How one message is treated when its client lags. */
public sealed interface SlowDelivery {
    /** The message is not queued. */
    enum Dropped implements SlowDelivery {
        DROPPED
    }

    /**
     * It replaces the one that waits and is equal in this.
     *
     * @param topic of one topic
     * @param event of one event
     * @param key of one key, as its user computed it
     */
    record Latest(String topic, String event, Object key) implements SlowDelivery {}
}
