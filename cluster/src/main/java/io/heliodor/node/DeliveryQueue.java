package io.heliodor.node;

import io.heliodor.link.Time;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The published messages of one peer that wait for the subscribers of this node, and the virtual thread that delivers them in
 * order: it decodes them and calls inline subscribers, so the link's thread does neither.
 *
 * <p>A full queue holds up the peer: the link's thread waits, so it does not confirm, and the publishers of the peer find no
 * room. When nothing was delivered for {@link #PATIENCE_NANOS} a subscriber blocks: messages are dropped from then on, until
 * it goes on, because calls and monitors come by the same thread of the link.
 */
final class DeliveryQueue {
    /** Bytes that may wait, and a message more. */
    static final int CAPACITY = 4 << 20;

    static final long PATIENCE_NANOS = 1_000_000_000L;

    /** The cost of a message is its bytes and this. */
    private static final int OVERHEAD = 128;

    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.node");

    /** Delivers a message to the subscribers. */
    interface Subscribers {
        void deliver(Publish publish, String correlation);
    }

    private record Delivery(Publish publish, String correlation) {
        int cost() {
            return publish.value().length + OVERHEAD;
        }
    }

    private final String name;
    private final Subscribers subscribers;
    private final Time time;

    // Guarded by this. No code of users runs while that is held.
    private final ArrayDeque<Delivery> waiting = new ArrayDeque<>();
    private int cost;
    private boolean running;
    /** Whether nothing was delivered since a message was dropped. */
    private boolean blocked;
    /** Of the link's thread that waits for room. */
    private @Nullable CompletableFuture<Void> room;

    DeliveryQueue(String name, Subscribers subscribers, Time time) {
        this.name = name;
        this.subscribers = subscribers;
        this.time = time;
    }

    /** Adds a message, or drops it and returns false. The caller is the thread of the link that receives from the peer. */
    boolean put(Publish publish, String correlation) {
        Delivery delivery = new Delivery(publish, correlation);
        for (CompletableFuture<Void> full = tryPut(delivery); full != null; full = tryPut(delivery)) {
            if (!awaitRoom(full)) {
                return false;
            }
        }
        return true;
    }

    /** Null when it was added, or else a future that completes with the next delivery. */
    private @Nullable CompletableFuture<Void> tryPut(Delivery delivery) {
        synchronized (this) {
            if (cost >= CAPACITY) {
                if (room == null) {
                    room = new CompletableFuture<>();
                }
                return room;
            }
            waiting.add(delivery);
            cost += delivery.cost();
            if (running) {
                return null;
            }
            running = true;
        }
        Thread.ofVirtual().name(name).inheritInheritableThreadLocals(false).start(this::drain);
        return null;
    }

    private boolean awaitRoom(CompletableFuture<Void> full) {
        synchronized (this) {
            if (blocked) {
                return false;
            }
        }
        try {
            time.await(full, PATIENCE_NANOS);
        } catch (InterruptedException e) {
            // The link closes.
            Thread.currentThread().interrupt();
            return false;
        }
        synchronized (this) {
            blocked = !full.isDone();
            return !blocked;
        }
    }

    private void drain() {
        for (Delivery delivery = take(null); delivery != null; delivery = take(delivery)) {
            try {
                subscribers.deliver(delivery.publish(), delivery.correlation());
            } catch (RuntimeException | Error e) {
                LOG.error(
                        "A message published to \"{}\" could not be delivered.",
                        delivery.publish().place(),
                        e);
            }
            // An interrupt that a subscriber left behind is not for the next message.
            Thread.interrupted();
        }
    }

    /** No message is left and the thread ends: one step, or a message that is added in between would wait without a thread. */
    private synchronized @Nullable Delivery take(@Nullable Delivery delivered) {
        if (delivered != null) {
            cost -= delivered.cost();
            blocked = false;
            if (room != null) {
                room.complete(null);
                room = null;
            }
        }
        Delivery next = waiting.poll();
        running = next != null;
        return next;
    }
}
