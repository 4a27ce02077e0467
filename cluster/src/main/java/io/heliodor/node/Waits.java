package io.heliodor.node;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Waits until all others know of a change: a ticket and a future for each, which completes with whether all know. On the
 * node's loop.
 */
final class Waits {
    private final Map<Long, CompletableFuture<Boolean>> waiting = new HashMap<>();
    private long tickets;
    private boolean ended;

    long add(CompletableFuture<Boolean> future) {
        if (ended) {
            future.complete(true);
        } else {
            waiting.put(++tickets, future);
        }
        return tickets;
    }

    void end(long ticket, boolean all) {
        CompletableFuture<Boolean> future = waiting.remove(ticket);
        if (future != null) {
            future.complete(all);
        }
    }

    void endAll() {
        ended = true;
        waiting.values().forEach(future -> future.complete(true));
        waiting.clear();
    }
}
