package io.heliodor.transport.io;

import java.util.concurrent.ThreadFactory;

/** Starts tasks that may block, each on a virtual thread of its own. Any thread may use it. */
public final class BlockingTasks {
    private static final ThreadFactory THREADS =
            Thread.ofVirtual().name("heliodor-http").factory();

    private BlockingTasks() {}

    public static void start(Runnable task) {
        THREADS.newThread(task).start();
    }
}
