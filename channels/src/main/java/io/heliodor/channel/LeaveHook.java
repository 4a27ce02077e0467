package io.heliodor.channel;

/**
 * Runs when a channel ends.
 *
 * @param <S> the type of the connection's assigns
 * @param <A> the type of the channel's assigns
 */
@FunctionalInterface
public interface LeaveHook<S, A> {
    /**
     * Called once, last. What it pushes still reaches a client that {@link LeaveReason.Left left}, or whose channel
     * was {@link LeaveReason.Stopped stopped} or {@link LeaveReason.Failed failed}.
     *
     * @param why why the channel ended
     * @param context the channel
     * @throws Exception whatever goes wrong: it is logged
     */
    void left(LeaveReason why, Context<S, A> context) throws Exception;
}
