package io.heliodor.channel;

/**
 * Decides what becomes of a broadcast on its way to one member.
 *
 * @param <S> the type of the connection's assigns
 * @param <A> the type of the channel's assigns
 * @param <T> the type of the payload
 */
@FunctionalInterface
public interface InterceptHandler<S, A, T> {
    /**
     * Called for each broadcast of the event, once for each member, in that member's turn.
     *
     * @param payload what was broadcast
     * @param context the member
     * @return pass, replace or drop
     * @throws Exception whatever goes wrong: the channel ends as {@link LeaveReason.Failed}
     */
    Out<T> handle(T payload, Context<S, A> context) throws Exception;
}
