package io.heliodor.channel;

/**
 * Decides when the messages of application code are sent: at once, or after the commit of a transaction, for example. See {@link
 * UserSocket.Builder#sendHook} for handlers, and {@link Channels#through} for other code.
 *
 * <p><b>Threads:</b> the threads that send. <b>Blocking:</b> as the sending itself, which waits while a queue is full.
 */
@FunctionalInterface
public interface SendHook {
    /**
     * Receives a message that is to be sent. It keeps the order of its calls on one thread.
     *
     * @param message sends the message when it is run: now, or later on any thread; the message of one that is never run is not sent
     */
    void send(Outgoing message);

    /**
     * Called before a thread waits for the count of a {@link Channels#push} that was not sent yet. By default it may wait.
     *
     * @throws IllegalStateException if the message is sent only after the thread goes on, so that it would wait for itself
     */
    default void checkMayWait() {}
}
