package io.heliodor.channel;

/**
 * One call of a handler or hook of a channel, as an {@link UserSocket.Builder#around around} hook gets it.
 *
 * <p>Valid until the hook returns, on the thread that called the hook.
 *
 * @param <S> the type of the connection's assigns
 */
public interface Invocation<S> {
    /**
     * The handler that is called.
     *
     * @return the pattern of its channel, its kind and its declared name; never {@link HandlerName.Kind#CONNECT}
     */
    HandlerName handler();

    /**
     * The topic of the channel.
     *
     * @return its full name
     */
    String topic();

    /**
     * The client's connection.
     *
     * @return its socket, with the assigns and the id that {@code connect} gave it
     */
    Socket<S> socket();

    /**
     * The correlation id of the connection, as in the log.
     *
     * @return 1 to 64 characters
     */
    String correlation();

    /**
     * Calls the next hook, or the handler after the last hook. Must be called once, on the thread of the hook. It returns
     * when the handler has returned.
     *
     * @throws Exception what the handler or an inner hook threw. A hook may throw another exception in its place. If it
     *     throws none, the exception still counts: a hook cannot turn it into a success.
     * @throws IllegalStateException if it was called before, or is called on another thread
     */
    void proceed() throws Exception;
}
