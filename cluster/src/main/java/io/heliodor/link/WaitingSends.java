package io.heliodor.link;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The envelopes of one {@link Link#sendAll} that wait for room, each at another peer. Not thread-safe. */
final class WaitingSends {
    private record Waiting(int index, SendQueue.Waiter waiter) {}

    private final Link.Refusals refusals;
    private final List<Waiting> waiting = new ArrayList<>();

    WaitingSends(Link.Refusals refusals) {
        this.refusals = refusals;
    }

    void add(int index, SendQueue.Waiter waiter) {
        waiting.add(new Waiting(index, waiter));
    }

    /** Blocks until each is queued or refused, the time is over, or only peers without progress are left. */
    void await(long nanos, Time time) {
        waiting.removeIf(each -> isDecided(each, false));
        boolean interrupted = false;
        long begin = time.nanos();
        while (!waiting.isEmpty()) {
            long left = interrupted ? 0 : nanos - (time.nanos() - begin);
            long patience = waiting.stream()
                    .mapToLong(each -> each.waiter().patience())
                    .max()
                    .orElse(0);
            try {
                // Not in steps of that time: a peer that stopped within a step would delay this by nearly two of them.
                time.await(all(), Math.min(left, patience));
            } catch (InterruptedException e) {
                interrupted = true;
            }
            boolean over = interrupted || time.nanos() - begin >= nanos;
            waiting.removeIf(each -> isDecided(each, over));
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private CompletableFuture<Void> all() {
        return CompletableFuture.allOf(
                waiting.stream().map(each -> each.waiter().decided()).toArray(CompletableFuture<?>[]::new));
    }

    /** Ends the wait for one peer when it is decided, over, or in vain. */
    private boolean isDecided(Waiting each, boolean over) {
        if (!over && each.waiter().patience() > 0) {
            return false;
        }
        Link.Sent sent = each.waiter().withdraw();
        if (sent != Link.Sent.QUEUED) {
            refusals.refused(each.index(), sent);
        }
        return true;
    }
}
