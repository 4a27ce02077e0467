package io.heliodor.presence.announce;

/**
 * A presence owner with a client. The client receives states, diffs and counts on the owner's topic, and its memory budget pays for the
 * presences.
 */
public interface StateRecipient {
    /**
     * Sends the client the state of a topic. Diffs that are published or received after this call reach the client after the state.
     *
     * <p><b>Threads:</b> the virtual thread of the topic. <b>Blocking:</b> it may wait until the client's lane has capacity.
     *
     * @param event the name of the event
     * @param state the presences of the topic
     */
    void receiveState(String event, Announcement state);

    /**
     * Sends the client a diff of a topic that it follows. Threads and blocking as for {@link #receiveState}.
     *
     * @param event the name of the event
     * @param diff the changes
     */
    void receiveDiff(String event, Announcement diff);

    /**
     * Sends the client the number of keys of a topic. It replaces an earlier one that still waits for a lagging client. Blocks as {@link
     * #receiveState}; any virtual thread.
     *
     * @param event the name of the event
     * @param keys 0 or more
     */
    void receiveCount(String event, int keys);

    /**
     * Runs a task when the client can no longer be reached; at once if that is so. It may run before the end of the owner. A
     * blocking handler delays the end of a channel, but must not keep a disconnected user present.
     *
     * @param task runs once, on any thread; it does not block
     */
    void onUnreachable(Runnable task);

    /**
     * Whether the connection was lost: it broke, or missed its heartbeats, and neither side closed it. The answer is known when the
     * task of {@link #onUnreachable} runs. Does not block.
     *
     * @return false before that
     */
    boolean isLost();

    /**
     * The user of the client: users share the memory of a pool. Does not block.
     *
     * @return what is equal for all owners of the party: the id of the connection. All connections without one are a single party
     */
    Object party();

    /**
     * The heap that a presence takes. It may encode the meta, so it is called without a lock.
     *
     * @param key the key of the presence
     * @param meta its metadata
     * @return bytes, at least 1
     */
    long cost(String key, Object meta);

    /**
     * Reserves heap for presences in the client's memory budget. Does not block.
     *
     * @param bytes the size
     * @throws IllegalStateException if the presences of this client would take too much; nothing is reserved then
     */
    void reserve(long bytes);

    /**
     * Returns reserved heap. Does not block.
     *
     * @param bytes the size
     */
    void release(long bytes);
}
