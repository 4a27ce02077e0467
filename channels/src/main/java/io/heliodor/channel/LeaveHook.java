package io.heliodor.channel;

/**
 * A hook that runs when a channel ends.
 *
 * <p><b>Threads:</b> virtual threads, one handler at a time for each joined channel. <b>Blocking:</b> allowed, see {@link Channel}.
 *
 * @param <S> the type of the connection's assigns
 * @param <A> the type of the channel's assigns
 */
@FunctionalInterface
public interface LeaveHook<S, A> {
    /**
     * Called once, after all handlers. Its pushes still reach a client that {@link LeaveReason.Left left}, or whose channel
     * was {@link LeaveReason.Stopped stopped} or {@link LeaveReason.Failed failed}.
     *
     * @param why the reason
     * @param context the channel
     * @throws Exception on any failure; it is logged
     */
    void left(LeaveReason why, Context<S, A> context) throws Exception;
}
