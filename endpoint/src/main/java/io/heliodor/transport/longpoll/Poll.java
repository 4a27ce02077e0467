package io.heliodor.transport.longpoll;

import java.util.function.Consumer;

/** A client's request for messages, received here or forwarded by another endpoint. Its session calls it on its loop. */
interface Poll {
    /** Reports that the session of the token has ended; the client gets a new one. */
    void sessionEnded();

    /** Drops the parameters and header lines of the request, which waits and opens no session any more. */
    void dropHead();

    /** Runs a task, on any thread, if the client disconnects before its response. */
    void onDisconnect(Runnable task);

    /** Sends the response, and reports on any thread whether the socket took it. */
    void answer(byte[] json, Consumer<Boolean> taken);

    /** Sends the response. */
    default void answer(byte[] json) {
        answer(json, _ -> {});
    }
}
