package io.heliodor.pubsub.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A gate at which a subscriber waits until the test opens it. */
final class Gate {
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch open = new CountDownLatch(1);
    private volatile Thread waiter;

    /** For the subscriber: waits until the gate is open. */
    void pass() throws InterruptedException {
        waiter = Thread.currentThread();
        reached.countDown();
        if (!open.await(PubSubContract.DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
            fail("The gate was not opened.");
        }
    }

    /** Waits until a subscriber is at the gate and returns its thread. */
    Thread awaitWaiter() throws InterruptedException {
        assertThat(reached.await(PubSubContract.DEADLINE.toSeconds(), TimeUnit.SECONDS))
                .as("a subscriber has reached the gate")
                .isTrue();
        return waiter;
    }

    void open() {
        open.countDown();
    }
}
