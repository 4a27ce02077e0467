package io.heliodor.client.okhttp;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Tasks that run after a time. */
final class Later {
    private Later() {}

    static void run(long delay, TimeUnit unit, Runnable task) {
        CompletableFuture.delayedExecutor(delay, unit).execute(task);
    }
}
