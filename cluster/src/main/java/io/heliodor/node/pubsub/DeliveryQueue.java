package io.heliodor.node.pubsub;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.batch.WakeBatch;
import io.heliodor.link.ProcessorShare;
import io.heliodor.link.Time;
import io.heliodor.log.FailureLog;
import io.heliodor.type.text.ControlCharacters;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The queue of published messages of one peer, and the virtual thread that delivers them in order. That thread decodes them
 * and calls inline subscribers, so the thread of the link does neither. A message that finds nothing before it, and whose
 * receiver is prompt, is delivered by the thread of the link: that saves a change of threads.
 *
 * <p>A full queue slows the peer down: the thread of the link waits and acknowledges nothing, so the queues of the peer
 * fill up. If nothing is delivered for {@link #BLOCKED_NANOS}, a subscriber blocks. Then messages are dropped until it
 * continues, because calls and monitors use the same thread of the link.
 */
public final class DeliveryQueue {
    /** The bytes that may wait, plus one message. */
    public static final int CAPACITY = 4 << 20;

    public static final long BLOCKED_NANOS = 1_000_000_000L;

    /** Of so many messages, if they take no longer than that, the lanes of channels are woken once. */
    private static final int BATCH = 64;

    private static final long BATCH_NANOS = 500_000;

    /** The cost of a message in addition to its bytes. */
    private static final int OVERHEAD = 128;

    /** Delivers a message to the subscribers. */
    public interface Receiver {
        void deliver(Publish publish, String correlation);

        /** Whether {@link #deliverNow} would most likely deliver it. */
        default boolean isPrompt(Publish publish) {
            return false;
        }

        /** Delivers it without a wait and without code of users, or returns false. */
        default boolean deliverNow(Publish publish, String correlation) {
            return false;
        }
    }

    private record Delivery(Publish publish, String correlation) {
        int cost() {
            return publish.value().length + OVERHEAD;
        }
    }

    private final String name;
    private final Receiver receiver;
    private final Time time;
    private final AtomicLong wakes;
    private final FailureLog failures;

    /** Of the thread that delivers. */
    private final ProcessorShare share = new ProcessorShare();

    /** Of the thread of the link. */
    private final ProcessorShare linkShare = new ProcessorShare();

    /** The messages of the present batch that were delivered; of the thread that delivers. */
    private int delivered;

    private final Runnable start = this::start;

    // No code of users runs while the lock is held.

    @GuardedBy("this")
    private final ArrayDeque<Delivery> waiting = new ArrayDeque<>();

    @GuardedBy("this")
    private int cost;

    /** Whether a thread delivers. */
    @GuardedBy("this")
    private boolean running;

    /** Whether nothing was delivered since the last message was dropped. */
    @GuardedBy("this")
    private boolean blocked;

    /** Completes with the next delivery; for the waiting thread of the link. */
    @GuardedBy("this")
    private @Nullable CompletableFuture<Void> nextDelivery;

    /**
     * An empty queue.
     *
     * @param wakes counts how often its thread begins, and each message that the thread of the link delivers
     * @param failures the log about messages that could not be delivered
     */
    public DeliveryQueue(String name, Receiver receiver, Time time, AtomicLong wakes, FailureLog failures) {
        this.name = name;
        this.receiver = receiver;
        this.time = time;
        this.wakes = wakes;
        this.failures = failures;
    }

    /** Delivers a message, adds it, or drops it and returns false. Called by the thread of the link. */
    public boolean put(Publish publish, String correlation) {
        Delivery delivery = new Delivery(publish, correlation);
        return (receiver.isPrompt(publish) && deliverNow(delivery)) || add(delivery);
    }

    private boolean deliverNow(Delivery delivery) {
        if (!begin()) {
            return false;
        }
        try {
            return receiver.deliverNow(delivery.publish(), delivery.correlation());
        } catch (Throwable e) {
            reportUndelivered(delivery, e);
            return true;
        } finally {
            finish();
            if (Thread.currentThread().isVirtual()) {
                linkShare.step(); // JGroups' thread; that of a data connection is a platform thread
            }
        }
    }

    /** Has the calling thread deliver one message, if nothing is before it. */
    private synchronized boolean begin() {
        if (running || !waiting.isEmpty()) {
            return false;
        }
        running = true;
        wakes.incrementAndGet();
        return true;
    }

    private void finish() {
        synchronized (this) {
            running = false;
            if (waiting.isEmpty()) {
                return;
            }
        }
        WakeBatch.wake(start);
    }

    private boolean add(Delivery delivery) {
        for (CompletableFuture<Void> next = tryPut(delivery); next != null; next = tryPut(delivery)) {
            if (!awaitDelivery(next)) {
                return false;
            }
        }
        return true;
    }

    /** Adds a message. Returns null, or a future that completes with the next delivery if the queue is full. */
    private @Nullable CompletableFuture<Void> tryPut(Delivery delivery) {
        synchronized (this) {
            if (cost >= CAPACITY) {
                if (nextDelivery == null) {
                    nextDelivery = new CompletableFuture<>();
                }
                return nextDelivery;
            }
            waiting.add(delivery);
            cost += delivery.cost();
            if (running) {
                return null;
            }
        }
        WakeBatch.wake(start);
        return null;
    }

    private void start() {
        synchronized (this) {
            if (running || waiting.isEmpty()) {
                return;
            }
            running = true;
            wakes.incrementAndGet();
        }
        Thread.ofVirtual().name(name).inheritInheritableThreadLocals(false).start(this::drain);
    }

    private boolean awaitDelivery(CompletableFuture<Void> next) {
        synchronized (this) {
            if (blocked) {
                return false;
            }
        }
        try {
            time.await(next, BLOCKED_NANOS);
        } catch (InterruptedException e) {
            // The link is closing.
            Thread.currentThread().interrupt();
            return false;
        }
        synchronized (this) {
            blocked = !next.isDone();
            return !blocked;
        }
    }

    /** Whether nothing is being delivered, nor waits. */
    public synchronized boolean isIdle() {
        return !running && waiting.isEmpty();
    }

    private void drain() {
        while (hasMore()) {
            delivered = 0;
            try {
                WakeBatch.run(this::deliverSome);
            } catch (Throwable e) {
                // A scope that a subscriber has left open, or a loop that could not be woken.
                failures.error("The end of a delivery of published messages", e, () -> "failed.");
            }
            for (int i = 0; i < delivered; i++) {
                share.step();
            }
        }
    }

    /** False if there are no messages, and the thread ends: one that comes now starts another one. */
    private synchronized boolean hasMore() {
        running = !waiting.isEmpty();
        return running;
    }

    private void deliverSome() {
        long begin = time.nanos();
        while (delivered < BATCH) {
            Delivery next = next();
            if (next == null) {
                return;
            }
            delivered++;
            try {
                deliver(next);
            } finally {
                // Clears an interrupt that a subscriber left.
                Thread.interrupted();
                delivered(next);
            }
            if (time.nanos() - begin >= BATCH_NANOS) {
                return;
            }
        }
    }

    private synchronized @Nullable Delivery next() {
        return waiting.poll();
    }

    private void deliver(Delivery delivery) {
        try {
            receiver.deliver(delivery.publish(), delivery.correlation());
        } catch (Throwable e) {
            reportUndelivered(delivery, e);
        }
    }

    private void reportUndelivered(Delivery delivery, Throwable failure) {
        failures.error(
                "A message published to \""
                        + ControlCharacters.escaped(delivery.publish().address().topic()) + "\"",
                failure,
                () -> "could not be delivered.");
    }

    private synchronized void delivered(Delivery delivery) {
        cost -= delivery.cost();
        blocked = false;
        if (nextDelivery != null) {
            nextDelivery.complete(null);
            nextDelivery = null;
        }
    }
}
