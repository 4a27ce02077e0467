package io.heliodor.channel;

/**
 * Runs around each handler and hook of the channels of a socket.
 *
 * @param <S> the type of the connection's assigns
 */
@FunctionalInterface
public interface AroundHook<S> {
    /**
     * Called for each invocation. It must call {@link Invocation#proceed} once.
     *
     * <p><b>Threads:</b> the virtual thread that runs the handler. <b>Blocking:</b> may block, as the handler may; only
     * its own channel waits.
     *
     * @param invocation the handler, its topic and its connection
     * @throws Exception counts as an exception of the handler
     */
    void around(Invocation<S> invocation) throws Exception;
}
