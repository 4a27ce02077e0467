package io.heliodor.history;

/**
 * Receives the changes of the content and size of a log. Called under the lock of its topic.
 *
 * @param <C> the type of the contents
 */
public interface LogListener<C> {
    /**
     * The heap that a message takes while it waits.
     *
     * @param message the message
     * @return bytes; the same for each call, and on all nodes
     */
    int bytes(HistoryMessage<C> message);

    /**
     * The heap that a kept message takes. Called after {@link #kept}.
     *
     * @param entry the message in the log
     * @return bytes; the same for each call
     */
    int bytes(LogEntry<C> entry);

    /**
     * The size of the kept messages changed.
     *
     * @param bytes the difference
     */
    void grew(long bytes);

    /**
     * The size of the waiting messages changed.
     *
     * @param bytes the difference
     */
    void waitingGrew(long bytes);

    /**
     * A message was added to the log.
     *
     * @param entry the message
     */
    void kept(LogEntry<C> entry);

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

    /** A retired stream was forgotten, because too many others were retired since, though the message that retired it is kept. */
    void streamForgotten();

    /**
     * Missing messages were given up: no reachable log keeps them.
     *
     * @param last the last one of them in its stream
     * @param after a message that only those have who have the missing ones: the one that retired their stream or waited for them, or
     *     {@code last} itself
     */
    void givenUp(Dot last, Dot after);

    /**
     * Messages were skipped, because the predecessors of the last one did not arrive in time.
     *
     * @param dot the last message
     */
    void lost(Dot dot);
}
