package io.heliodor.channel;

import java.util.Optional;

/**
 * The channel ends normally, after an optional last reply. The client gets {@code phx_close} and does not rejoin.
 *
 * @param why the reason, for {@link Leaving.Stopped}; the client does not see it
 * @param last a reply to what was being handled, sent first
 * @param <R> the type of the reply
 */
public record Stop<R>(String why, Optional<Reply<R>> last) implements Outcome<R> {
    /**
     * Ends the channel.
     *
     * @param why the reason
     * @param <R> the type of the reply that was due
     * @return the outcome
     */
    public static <R> Stop<R> because(String why) {
        return new Stop<>(why, Optional.empty());
    }

    /**
     * Ends the channel with a last reply.
     *
     * @param last the reply
     * @param <Q> the type of the reply
     * @return the outcome
     */
    public <Q> Stop<Q> replying(Reply<Q> last) {
        return new Stop<>(why, Optional.of(last));
    }
}
