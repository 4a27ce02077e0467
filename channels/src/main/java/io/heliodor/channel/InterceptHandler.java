package io.heliodor.channel;

/**
 * Passes, replaces or drops a broadcast for one member.
 *
 * <p><b>Threads:</b> virtual threads, one handler at a time for each joined channel. <b>Blocking:</b> allowed, see {@link Channel}.
 *
 * @param <S> the type of the connection's assigns
 * @param <A> the type of the channel's assigns
 * @param <T> the type of the payload
 */
@FunctionalInterface
public interface InterceptHandler<S, A, T> {
    /**
     * Handles a broadcast for one member. It is called in the member's channel, in turn with its other handlers.
     *
     * @param payload the payload
     * @param context the member
     * @return pass, replace or drop
     * @throws Exception on any failure: the channel ends as {@link LeaveReason.Failed}
     */
    Out<T> handle(T payload, Context<S, A> context) throws Exception;
}
