package io.heliodor.channel;

/**
 * A hook that runs after a client has joined.
 *
 * <p><b>Threads:</b> virtual threads, one handler at a time for each joined channel. <b>Blocking:</b> allowed, see {@link Channel}.
 *
 * @param <S> the type of the connection's assigns
 * @param <A> the type of the channel's assigns
 */
@FunctionalInterface
public interface JoinedHook<S, A> {
    /**
     * Called once for each accepted join, before any handler. Its messages follow the join reply. It is also called if the client has
     * joined again or disconnected meanwhile, so that each leave hook has its counterpart.
     *
     * @param context the joined channel
     * @throws Exception on any failure: the channel ends as {@link LeaveReason.Failed}
     */
    void joined(Context<S, A> context) throws Exception;
}
