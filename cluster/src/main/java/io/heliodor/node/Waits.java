package io.heliodor.node;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Who waits until all others know of a change: a ticket and a future for each. On the node's loop. */
final class Waits {
    private final Map<Long, CompletableFuture<Void>> waiting = new HashMap<>();
    private long tickets;

    long add(CompletableFuture<Void> future) {
        waiting.put(++tickets, future);
        return tickets;
    }

    void end(long ticket) {
        CompletableFuture<Void> future = waiting.remove(ticket);
        if (future != null) {
            future.complete(null);
        }
    }

    void endAll() {
        waiting.values().forEach(future -> future.complete(null));
        waiting.clear();
    }
}
