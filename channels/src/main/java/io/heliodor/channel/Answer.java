package io.heliodor.channel;

/**
 * An answer still owed to a client; given once, from any thread, at any time after the handler began.
 *
 * @param <R> the type of the promised payload
 */
public interface Answer<R> {
    /**
     * Gives the answer. It never blocks for the client; after the channel's end it is dropped and counted.
     *
     * @param reply the answer
     * @throws IllegalStateException if the answer was given before
     * @throws IllegalArgumentException if its payload cannot be written as JSON; another answer may be given then
     */
    void give(Reply<R> reply);
}
