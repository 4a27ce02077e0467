package io.heliodor.session.lane;

/** The session of a connection, as its outbox and its flow control call it. Used on the lane's thread, except where stated. */
public interface ConnectionOwner {
    /**
     * Whether the session has ended.
     *
     * @return whether frames are ignored from now on
     */
    boolean closed();

    /**
     * Ends this connection, and no other one, for a fault of the server. Does not throw. Not to be called while the members of a
     * topic are walked, since its channels leave them.
     *
     * @param fault what was thrown
     */
    void fault(Throwable fault);

    /**
     * Runs a task on the lane's thread, in a turn of its own. An exception of the task ends this connection alone. Any thread.
     *
     * @param task the task
     */
    void onLane(Runnable task);

    /**
     * A message for this client alone is written, or waits. For traces. On the lane's thread.
     *
     * @param message the message
     */
    default void sent(byte[] message) {}

    /**
     * A large message waits. For traces. On the lane's thread.
     *
     * @param message the message
     */
    default void sent(StreamedMessage message) {}

    /**
     * The messages that the client missed wait. For traces. On the lane's thread.
     *
     * @param replay the messages
     */
    default void sent(Replay replay) {}

    /** Has the next sweep look at the session: something of it waits, arrives or runs. */
    void sweepNext();

    /**
     * Closes the connection in a later turn, because too much waits for the client.
     *
     * @param bytes the bytes that wait
     */
    void tooSlow(long bytes);
}
