package io.heliodor.channel;

import java.util.Objects;

/**
 * Who may join.
 *
 * @param <A> the type of the channel's assigns
 */
public sealed interface JoinOutcome<A> {
    /**
     * The client is a member.
     *
     * @param assigns what the channel's handlers will see
     * @param reply what the client gets with {@code ok}
     * @param <A> the type of the assigns
     */
    record Joined<A>(A assigns, Object reply) implements JoinOutcome<A> {
        /**
         * Checks that there are assigns: a channel without any has not been joined.
         *
         * @throws NullPointerException if one of the two is null, saying what to give in its place
         */
        public Joined {
            Objects.requireNonNull(
                    assigns, "The assigns of a join are null; give Empty.EMPTY if there is nothing to remember.");
            Objects.requireNonNull(reply, "The reply to a join is null; give Empty.EMPTY if there is nothing to say.");
        }
    }

    /**
     * The client is not a member.
     *
     * @param reason what the client gets with {@code error}
     * @param <A> the type of the assigns
     */
    record Refused<A>(Object reason) implements JoinOutcome<A> {}
}
