package io.heliodor.session.replication;

import java.util.concurrent.ThreadFactory;

/** The virtual threads of the exchange with the histories of other nodes. */
public final class HistoryThreads {
    static final ThreadFactory FACTORY =
            Thread.ofVirtual().name("heliodor-history").factory();

    private HistoryThreads() {}

    public static void start(Runnable task) {
        FACTORY.newThread(task).start();
    }
}
