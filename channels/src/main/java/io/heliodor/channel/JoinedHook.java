package io.heliodor.channel;

/**
 * Runs when a client has joined.
 *
 * @param <S> the type of the connection's assigns
 * @param <A> the type of the channel's assigns
 */
@FunctionalInterface
public interface JoinedHook<S, A> {
    /**
     * Called once for each accepted join, before any handler; what it writes follows the join reply. It is called
     * as well when the client has joined again or gone away meanwhile, so that each leave hook has its counterpart.
     *
     * @param context the joined channel
     * @throws Exception whatever goes wrong: the channel ends as {@link LeaveReason.Failed}
     */
    void joined(Context<S, A> context) throws Exception;
}
