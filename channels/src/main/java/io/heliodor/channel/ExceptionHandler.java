package io.heliodor.channel;

/**
 * Turns an expected exception of a handler into a refusal.
 *
 * @param <X> the type of the exception
 */
@FunctionalInterface
public interface ExceptionHandler<X extends Exception> {
    /**
     * Called for each such exception of a join handler, of the handler of an event, call or message, or of an onJoined hook.
     *
     * <p><b>Threads:</b> the virtual thread that ran the handler, after all hooks around it. <b>Blocking:</b> may block. If it
     * throws, the exception of the handler is treated as unexpected.
     *
     * @param exception the exception, as thrown
     * @return the refusal, from {@link Reply#error}: the reason of a refused join, the reply to an event or call, or the payload of
     *     {@code phx_error} after an onJoined hook, which is a JSON object
     */
    Reply.Error<?, ?> handle(X exception);
}
