package io.heliodor.session;

import java.util.concurrent.CountDownLatch;

/** A gate at which a handler waits until the test opens it. */
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
                // The handler ignores its interrupt.
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
