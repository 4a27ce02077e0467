package io.heliodor.channel;

import java.util.Objects;
import java.util.Optional;

/**
 * The channel ends normally, after an optional last reply. The client gets {@code phx_close} and does not rejoin.
 *
 * @param why the reason, for {@link LeaveReason.Stopped}; the client does not see it
 * @param last a reply to the handled message, sent first
 * @param <R> the type of the reply
 * @param <E> the type of an error's payload
 */
public record Stop<R, E>(String why, Optional<Reply<R, E>> last) implements Outcome<R, E> {
    /** Checks that no value is null. */
    public Stop {
        Objects.requireNonNull(why, "why");
        Objects.requireNonNull(last, "last");
    }

    /**
     * Ends the channel.
     *
     * @param why the reason
     * @param <R> the type of the reply
     * @param <E> the type of an error's payload
     * @return the outcome
     */
    public static <R, E> Stop<R, E> because(String why) {
        Objects.requireNonNull(why, "why");
        return new Stop<>(why, Optional.empty());
    }

    /**
     * Ends the channel with a last reply.
     *
     * @param reply the reply
     * @param <Q> the type of the reply
     * @param <F> the type of an error's payload
     * @return the outcome
     */
    public <Q, F> Stop<Q, F> replying(Reply<Q, F> reply) {
        Objects.requireNonNull(reply, "reply");
        return new Stop<>(why, Optional.of(reply));
    }
}
