package io.heliodor.session;

/** What becomes of one message for a client that is behind. */
sealed interface Perishable {
    /** It is not queued. */
    enum Dropped implements Perishable {
        DROPPED
    }

    /**
     * It replaces the one that waits and is equal in this.
     *
     * @param topic of one topic
     * @param event of one event
     * @param key of one key, as its user computed it
     */
    record Latest(String topic, String event, Object key) implements Perishable {}
}
