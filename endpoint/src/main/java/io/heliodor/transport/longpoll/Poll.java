package io.heliodor.transport.longpoll;

import java.util.function.Consumer;

/** A request for the messages of a session, at this endpoint or forwarded by another one. Its session calls it on its loop. */
interface Poll {
    /** The session of its token has ended; the client gets another one. */
    void sessionGone();

    /** Has a task run when the client goes before it has its answer. The task may be run on any thread. */
    void whenGone(Runnable task);

    /** Sends the answer, and then whether the socket took it, on any thread. */
    void answer(byte[] json, Consumer<Boolean> taken);

    /** Sends the answer. */
    default void answer(byte[] json) {
        answer(json, _ -> {});
    }
}
