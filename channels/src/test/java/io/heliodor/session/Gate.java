package io.heliodor.session;

import java.util.concurrent.CountDownLatch;

/** Where a handler waits until the test lets it go on. */
final class Gate {
    private final CountDownLatch open = new CountDownLatch(1);
    private volatile boolean reached;
    private volatile boolean interrupted;

    /** For the handler: waits until the gate is open, or for an interrupt. */
    void pass() throws InterruptedException {
        reached = true;
        try {
            open.await();
        } catch (InterruptedException e) {
            interrupted = true;
            throw e;
        }
    }

    /** For a handler that an interrupt does not end: waits until the gate is open, whatever happens. */
    void passStubbornly() {
        while (true) {
            try {
                pass();
                return;
            } catch (InterruptedException ignored) {
                // Stubborn.
            }
        }
    }

    boolean reached() {
        return reached;
    }

    boolean interrupted() {
        return interrupted;
    }

    boolean isOpen() {
        return open.getCount() == 0;
    }

    void open() {
        open.countDown();
    }
}
