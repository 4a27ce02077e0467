package io.heliodor.session.replication;

import java.util.concurrent.ThreadFactory;

/** The virtual threads of the exchange with the histories of other nodes. */
public final class HistoryThreads {
    private static final ThreadFactory THREADS =
            Thread.ofVirtual().name("heliodor-history").factory();

    private HistoryThreads() {}

    public static void start(Runnable task) {
        THREADS.newThread(task).start();
    }
}
