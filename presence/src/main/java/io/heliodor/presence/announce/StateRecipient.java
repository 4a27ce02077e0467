package io.heliodor.presence.announce;

/** An owner with a client, which receives the state of its topic and whose memory its presences take. */
public interface StateRecipient {
    /**
     * Takes the state of its topic. Diffs that are announced after this call come after the state.
     *
     * <p><b>Threads:</b> that of the topic. <b>Blocking:</b> only to wait for room.
     *
     * @param state everybody who is present
     */
    void present(Announcement state);

    /**
     * Runs something when nothing reaches its client any more; at once if that is so. It may be earlier than its end: a
     * handler that blocks keeps a channel from its end, but not a user who is gone among those who are present.
     *
     * @param done what to run, once, on any thread; it does not block
     */
    void onGone(Runnable done);

    /**
     * Whether its connection was lost: it broke, or heartbeats failed to come, and neither side closed it. Known when what was
     * given to {@link #onGone} runs. Does not block.
     *
     * @return false before that
     */
    boolean isLost();

    /**
     * The heap that a presence takes. May encode the metadata, so it is called without a lock.
     *
     * @param key under which key
     * @param meta the metadata
     * @return bytes, at least 1
     */
    long cost(String key, Object meta);

    /**
     * Counts heap that its presences take, for its client. Does not block.
     *
     * @param bytes how many
     * @throws IllegalStateException if the presences of this client take too much then; nothing is counted
     */
    void hold(long bytes);

    /**
     * Its presences take less heap now. Does not block.
     *
     * @param bytes how many were given back
     */
    void release(long bytes);
}
