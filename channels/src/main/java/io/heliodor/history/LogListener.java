package io.heliodor.history;

/**
 * Counts what a log holds, and learns what it loses. Called under the lock of its topic.
 *
 * @param <C> the type of what is published
 */
public interface LogListener<C> {
    /**
     * The size of a content.
     *
     * @param content the content
     * @return bytes; always the same
     */
    int bytes(C content);

    /**
     * The log holds more, or less.
     *
     * @param bytes how much; negative for less
     */
    void grew(long bytes);

    /**
     * A content is kept.
     *
     * @param content the content
     */
    void kept(C content);

    /**
     * A content is not kept any more.
     *
     * @param content the content
     */
    void dropped(C content);

    /**
     * Messages are not waited for any more.
     *
     * @param last the last one of them in its stream
     */
    void givenUp(Dot last);

    /**
     * A message is dropped, because no log in reach has what precedes it in its stream.
     *
     * @param dot the message
     */
    void lost(Dot dot);
}
