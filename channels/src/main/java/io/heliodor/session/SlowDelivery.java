package io.heliodor.session;

/** How one message is treated when its client lags. */
sealed interface SlowDelivery {
    /** It is not queued. */
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
