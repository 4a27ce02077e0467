package io.heliodor.process.engine;

import io.heliodor.process.Exit;

/** A call that a process of this node has been given and not answered. */
interface OpenCall {
    /** The process has ended. Called by any thread; it must not block. */
    void down(Exit exit);

    /** The message never got to the process. Called by any thread; it must not block. */
    void failed(String type, String message);

    /** What is done once nobody waits for an answer any more. */
    void onEnd(Runnable done);
}
