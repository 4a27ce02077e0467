package io.heliodor.process.engine;

import io.heliodor.process.Exit;

/** A call to a process of this node without an answer. */
interface OpenCall {
    /** The process has ended. On any thread; must not block. */
    void down(Exit exit);

    /** The message did not reach the process. On any thread; must not block. */
    void failed(String type, String message);

    /** Adds an action for the end of the call. */
    void onEnd(Runnable done);
}
