package io.heliodor.channel;

import java.util.Objects;

/**
 * The result of a join request.
 *
 * @param <A> the type of the channel's assigns
 */
public sealed interface JoinOutcome<A> {
    /**
     * The join is accepted.
     *
     * @param assigns the initial assigns of the channel
     * @param reply the response with the status {@code ok}
     * @param <A> the type of the assigns
     */
    record Joined<A>(A assigns, Object reply) implements JoinOutcome<A> {
        /**
         * Checks that both are there.
         *
         * @throws NullPointerException if one of the two is null; the text names the value to use instead
         */
        public Joined {
            Objects.requireNonNull(
                    assigns, "The assigns of a join are null; give Empty.EMPTY if there is nothing to remember.");
            Objects.requireNonNull(reply, "The reply to a join is null; give Empty.EMPTY if there is nothing to say.");
        }
    }

    /**
     * The join is refused.
     *
     * @param reason the response with the status {@code error}
     * @param <A> the type of the assigns
     */
    record Refused<A>(Object reason) implements JoinOutcome<A> {
        /** Checks that no value is null. */
        public Refused {
            Objects.requireNonNull(reason, "reason");
        }
    }
}
