package io.heliodor.client.session;

import io.heliodor.client.wire.Message;
import org.jspecify.annotations.Nullable;

/**
 * The output of a {@link ClientState}, in order. Implementations call no method of the state; the events that an effect causes are
 * inputs for later.
 */
public interface Effects {
    /**
     * Calls the token supplier. An input with the same number follows.
     *
     * @param fetch the number of the request
     */
    void fetchToken(long fetch);

    /**
     * Opens a connection.
     *
     * @param connection its number; inputs of other connections are ignored
     * @param token the token; null if the client has no supplier
     */
    void open(long connection, @Nullable String token);

    /**
     * Sends one frame. The next one follows after its input {@code sent}.
     *
     * @param connection the connection
     * @param frame the frame
     */
    void send(long connection, Message frame);

    /**
     * Requests one frame of the server.
     *
     * @param connection the connection
     */
    void request(long connection);

    /**
     * Closes a connection, or ends an attempt to open it. Its further inputs are ignored.
     *
     * @param connection the connection
     * @param code the close code
     * @param reason the text of the close frame
     */
    void close(long connection, int code, String reason);

    /**
     * Queues a value for callbacks. {@link ClientState#delivered} follows when they have run.
     *
     * @param delivery the value
     */
    void deliver(Delivery delivery);

    /**
     * Completes a call.
     *
     * @param call its number
     * @param answer the result
     */
    void complete(long call, Answer answer);

    /**
     * Completes a refresh of the token.
     *
     * @param refresh its number; 0 for one that the client has begun itself
     * @param answer the result
     */
    void refreshed(long refresh, TokenAnswer answer);

    /**
     * Gives back the room of one push or call that waited.
     *
     * @param bytes the bytes that it took
     */
    void release(int bytes);

    /**
     * Logs a fault that the application can repair.
     *
     * @param fault a sentence
     */
    void warn(String fault);

    /** The client is closed: nothing follows. */
    void finished();
}
