package io.heliodor.presence.announce;

/** An owner that wants to be told who is present. */
public interface Audience {
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
}
