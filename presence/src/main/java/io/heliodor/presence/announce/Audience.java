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
}
