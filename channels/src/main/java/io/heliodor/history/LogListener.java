package io.heliodor.history;

/**
 * Receives the changes of the content and size of a log. Called under the lock of its topic.
 *
 * @param <C> the type of the contents
 */
public interface LogListener<C> {
    /**
     * The size of a content.
     *
     * @param content the content
     * @return bytes; the same for each call
     */
    int bytes(C content);

    /**
     * The size of the log changed.
     *
     * @param bytes the difference
     */
    void grew(long bytes);

    /**
     * A message was added to the log.
     *
     * @param content the content
     */
    void kept(C content);

    /**
     * A message was removed from the log.
     *
     * @param content the content
     */
    void dropped(C content);

    /** A message was dropped while it waited, because too many did. It is fetched again if it is kept. */
    void evicted();

    /** The token of a message is too long to be sent. */
    void tokenTooLong();

    /**
     * Missing messages were given up: no reachable log keeps them.
     *
     * @param last the last one of them in its stream
     */
    void givenUp(Dot last);

    /**
     * A message was dropped, because its predecessors did not arrive in time.
     *
     * @param dot the message
     */
    void lost(Dot dot);
}
