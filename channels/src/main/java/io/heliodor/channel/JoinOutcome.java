package io.heliodor.channel;

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
    record Joined<A>(A assigns, Object reply) implements JoinOutcome<A> {}

    /**
     * The client is not a member.
     *
     * @param reason what the client gets with {@code error}
     * @param <A> the type of the assigns
     */
    record Refused<A>(Object reason) implements JoinOutcome<A> {}
}
