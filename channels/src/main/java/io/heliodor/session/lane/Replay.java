package io.heliodor.session.lane;

/** The messages of a history that one client missed, written as fast as it reads. On the lane's thread. */
public interface Replay {
    /**
     * Writes the next message.
     *
     * @return its bytes
     */
    int writeNext(Connection connection);

    /** Whether a message is left. */
    boolean hasNext();

    /** The topic of the messages. */
    String topic();

    /** The number of messages when it began, at least one. */
    int messages();

    /** The bytes that the history spends on the messages. */
    long bytes();

    /** Gives back the messages that were not written. */
    void dispose();
}
