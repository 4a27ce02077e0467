package io.heliodor.link;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.link.Link.Sent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The bounded queue of one session: envelopes that are queued, in flight, or wait for room, see
 * {@code docs/design/link.md}. Any thread may add envelopes; one thread at a time takes them. No method blocks, apart
 * from brief contention on an internal lock.
 */
final class SendQueue {
    /** The cost of an envelope in addition to its bytes, so that empty ones are limited too. */
    private static final int ENVELOPE_COST = 32;

    /** The window at the beginning, and the smallest one: over a link of 100 kbit/s, 64 KiB take 5 s. */
    private static final int INITIAL_WINDOW = 256 << 10;

    private static final int MIN_WINDOW = 64 << 10;

    /** After this number of ticks without a confirmation the window is halved. */
    private static final int SLOW_TICKS = 5;

    /** After this time without a confirmation senders do not wait for the peer. */
    static final long PROGRESS_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private enum State {
        /** The listener has not been notified of the session yet. */
        NEW,
        OPEN,
        SHUT
    }

    /** An envelope that waits for room. */
    final class Waiter {
        private final byte[] envelope;
        private final CompletableFuture<Void> decided = new CompletableFuture<>();

        /** Guarded by the queue. */
        private Sent result = Sent.FULL;

        private Waiter(byte[] envelope) {
            this.envelope = envelope;
        }

        /** Completes when the envelope was accepted, or the session has ended. */
        CompletableFuture<Void> decided() {
            return decided;
        }

        /** For how long the peer still counts as one that makes progress, if it confirms nothing; 0 when it is decided. */
        long patience() {
            return decided.isDone() ? 0 : progressLeft();
        }

        /** Ends the wait and returns the result. After {@code FULL} the envelope is not queued any more. */
        Sent withdraw() {
            return SendQueue.this.withdraw(this);
        }
    }

    private final long session;
    private final long acceptance;
    private final int capacity;
    private final int maxWindow;
    private final int stallTicks;
    private final Time time;

    @GuardedBy("this")
    private final ArrayDeque<byte[]> queued = new ArrayDeque<>();

    @GuardedBy("this")
    private final LinkedHashSet<Waiter> waiting = new LinkedHashSet<>();

    /** The cost of each batch that was taken and is not confirmed. */
    @GuardedBy("this")
    private final ArrayDeque<Long> batches = new ArrayDeque<>();

    /** The packets of those batches, and the last of them that are to be sent again. */
    @GuardedBy("this")
    private final ArrayDeque<byte[]> packets = new ArrayDeque<>();

    @GuardedBy("this")
    private final ArrayDeque<byte[]> repeats = new ArrayDeque<>();

    @GuardedBy("this")
    private State state = State.NEW;

    /** The bytes of the first queued envelope that were taken as parts. */
    @GuardedBy("this")
    private int partsTaken;

    @GuardedBy("this")
    private int window;

    @GuardedBy("this")
    private long queuedCost;

    @GuardedBy("this")
    private long inFlightCost;

    @GuardedBy("this")
    private long confirmed;

    @GuardedBy("this")
    private int idleTicks;

    /** The ticks without a confirmation since the present way began. */
    @GuardedBy("this")
    private int wayTicks;

    /** The number of the last question, and whether its answer counts: nothing was confirmed since, over the same way. */
    @GuardedBy("this")
    private long question;

    @GuardedBy("this")
    private boolean asked;

    @GuardedBy("this")
    private long lastProgress;

    /** The queue of a session, which stalls after this number of ticks without a confirmation. */
    SendQueue(long session, long acceptance, int capacity, int stallTicks, Time time) {
        this.session = session;
        this.acceptance = acceptance;
        this.capacity = capacity;
        this.maxWindow = Math.max(1, capacity / 2);
        this.window = Math.min(INITIAL_WINDOW, maxWindow);
        this.stallTicks = stallTicks;
        this.time = time;
    }

    /**
     * The cost of envelopes after which a receiver of this capacity confirms: at most the smallest window. Otherwise a full
     * window would be confirmed by the next tick only, and a window that was halved would never grow again.
     */
    static int confirmAfter(int capacity) {
        return Math.max(1, Math.min(capacity / 8, MIN_WINDOW));
    }

    /** The total cost of envelopes. */
    static long cost(List<byte[]> envelopes) {
        long cost = 0;
        for (byte[] envelope : envelopes) {
            cost += cost(envelope);
        }
        return cost;
    }

    private static long cost(byte[] envelope) {
        return (long) ENVELOPE_COST + envelope.length;
    }

    long session() {
        return session;
    }

    long acceptance() {
        return acceptance;
    }

    synchronized void open() {
        if (state == State.NEW) {
            state = State.OPEN;
        }
    }

    /** Ends the queue, and drops all envelopes and those that wait. */
    void shut() {
        List<Waiter> refused;
        synchronized (this) {
            state = State.SHUT;
            queued.clear();
            packets.clear();
            repeats.clear();
            partsTaken = 0;
            queuedCost = 0;
            refused = List.copyOf(waiting);
            waiting.clear();
            refused.forEach(waiter -> waiter.result = Sent.NO_SESSION);
        }
        complete(refused);
    }

    /** Queues an envelope if there is room and none waits. */
    synchronized Sent offer(byte[] envelope) {
        if (state != State.OPEN) {
            return Sent.NO_SESSION;
        }
        if (!waiting.isEmpty() || !fits(envelope)) {
            return Sent.FULL;
        }
        add(envelope);
        return Sent.QUEUED;
    }

    /**
     * Queues an envelope before those that wait, in the reserve if need be. When that is full as well it shuts the
     * queue in the same step, because no envelope may follow a missing one, and returns {@code FULL}.
     */
    Sent post(byte[] envelope) {
        synchronized (this) {
            if (state != State.OPEN) {
                return Sent.NO_SESSION;
            }
            if (fits(envelope) || cost() + cost(envelope) <= 2L * capacity) {
                add(envelope);
                return Sent.QUEUED;
            }
            state = State.SHUT;
        }
        shut();
        return Sent.FULL;
    }

    /** Queues an envelope now, or when there is room, after those that wait already. */
    Waiter enqueue(byte[] envelope) {
        Waiter waiter = new Waiter(envelope);
        synchronized (this) {
            waiter.result = offer(envelope);
            if (waiter.result == Sent.FULL) {
                waiting.add(waiter);
                return waiter;
            }
        }
        waiter.decided.complete(null);
        return waiter;
    }

    private Sent withdraw(Waiter waiter) {
        List<Waiter> admitted = List.of();
        Sent result;
        synchronized (this) {
            if (waiting.remove(waiter)) {
                admitted = admit(); // smaller ones may have waited after it
            }
            result = waiter.result;
        }
        complete(admitted);
        return result;
    }

    @GuardedBy("this")
    private boolean fits(byte[] envelope) {
        // An envelope larger than the capacity fits into an empty queue.
        return cost() == 0 || cost() + cost(envelope) <= capacity;
    }

    @GuardedBy("this")
    private long cost() {
        return queuedCost + inFlightCost;
    }

    @GuardedBy("this")
    private void add(byte[] envelope) {
        if (cost() == 0) {
            progressed();
        }
        queued.add(envelope);
        queuedCost += cost(envelope);
    }

    @GuardedBy("this")
    private void progressed() {
        idleTicks = 0;
        wayTicks = 0;
        asked = false;
        lastProgress = time.nanos();
    }

    /** Whether a packet can be sent. */
    synchronized boolean sendable() {
        return !repeats.isEmpty() || hasNext();
    }

    @GuardedBy("this")
    private boolean hasNext() {
        return !queued.isEmpty() && inFlightCost < window;
    }

    /** Whether the first envelope is larger than a batch, and no part of it was taken. */
    synchronized boolean isFirstLargerThan(int maxBytes) {
        byte[] first = queued.peek();
        return first != null && first.length > maxBytes && partsTaken == 0;
    }

    /** Whether a part of the first envelope was taken: the others must follow. */
    synchronized boolean isWithinEnvelope() {
        return partsTaken > 0;
    }

    /** Whether a whole packet can be sent. */
    synchronized boolean hasPacket(int maxBytes) {
        return queuedCost >= maxBytes && hasNext();
    }

    /**
     * Takes the next part of the first envelope, which is in flight from then on, and counts as a batch.
     *
     * @return null if there is no envelope, or the window is full
     */
    synchronized @Nullable Fragment takePart(int maxBytes) {
        byte[] first = queued.peek();
        if (first == null || !hasNext()) {
            return null;
        }
        Fragment part = Fragment.of(first, partsTaken, Math.min(maxBytes, first.length - partsTaken));
        long cost = partsTaken == 0 ? (long) ENVELOPE_COST + part.length() : part.length();
        partsTaken += part.length();
        if (part.left() == 0) {
            queued.remove();
            partsTaken = 0;
        }
        send(cost);
        return part;
    }

    @GuardedBy("this")
    private void send(long cost) {
        queuedCost -= cost;
        inFlightCost += cost;
        batches.add(cost);
    }

    /**
     * Moves the first envelopes into a batch, which is in flight from then on: at least one, and more up to a number of
     * bytes.
     *
     * @return false if there are none, or the window is full
     */
    synchronized boolean take(List<byte[]> batch, int maxBytes) {
        if (!hasNext()) {
            return false;
        }
        int bytes = 0;
        for (byte[] next = queued.peek();
                next != null && (batch.isEmpty() || bytes + next.length <= maxBytes);
                next = queued.peek()) {
            bytes += next.length;
            batch.add(queued.remove());
        }
        send(cost(batch));
        return true;
    }

    /** Keeps the packet of the batch or part that was taken last, until it is confirmed. Returns false if the queue has ended. */
    synchronized boolean keep(byte[] packet) {
        return state != State.SHUT && packets.add(packet);
    }

    /** Whether a packet was kept that is not confirmed. */
    synchronized boolean hasUnconfirmed() {
        return !packets.isEmpty();
    }

    /** Another way begins: all packets that are not confirmed are to be sent again, before any other. */
    synchronized void repeatAll() {
        wayTicks = 0;
        asked = false;
        repeats.clear();
        repeats.addAll(packets);
    }

    /** The next packet to be sent again; null if there is none. */
    synchronized byte @Nullable [] nextRepeat() {
        return repeats.poll();
    }

    /** Confirms that the peer has received a number of batches. Returns false if they were confirmed before. */
    boolean confirm(long received) {
        List<Waiter> admitted;
        synchronized (this) {
            if (received <= confirmed) {
                return false;
            }
            for (; confirmed < received && !batches.isEmpty(); confirmed++) {
                inFlightCost -= batches.remove();
                packets.poll();
            }
            while (repeats.size() > packets.size()) {
                repeats.remove();
            }
            if (idleTicks == 0) {
                window = Math.min(maxWindow, 2 * window);
            }
            progressed();
            admitted = admit();
        }
        complete(admitted);
        return true;
    }

    @GuardedBy("this")
    private List<Waiter> admit() {
        if (waiting.isEmpty()) {
            return List.of();
        }
        List<Waiter> admitted = new ArrayList<>();
        Iterator<Waiter> each = waiting.iterator();
        while (each.hasNext()) {
            Waiter next = each.next();
            if (!fits(next.envelope)) {
                break;
            }
            each.remove();
            add(next.envelope);
            next.result = Sent.QUEUED;
            admitted.add(next);
        }
        return admitted;
    }

    /** Called without the lock, because completing runs foreign code. */
    private static void complete(List<Waiter> decided) {
        decided.forEach(waiter -> waiter.decided.complete(null));
    }

    /** Counts a tick of 200 ms. Returns whether the session stalls. */
    synchronized boolean tick() {
        if (cost() == 0) {
            idleTicks = 0;
            wayTicks = 0;
            return false;
        }
        wayTicks++;
        if (++idleTicks % SLOW_TICKS == 0) {
            window = Math.min(maxWindow, Math.max(MIN_WINDOW, window / 2));
        }
        return idleTicks >= stallTicks;
    }

    /** Whether nothing was confirmed over the present way for half of the time of a stall: then another one may help. */
    synchronized boolean wayHangs() {
        return wayTicks >= stallTicks / 2;
    }

    /**
     * The next question to the peer whether nothing comes by the present way: after 14 ticks, 2.8 s of a stall of 13 s, without a
     * confirmation, and each second from then on.
     *
     * @return its number; 0 if none is due
     */
    synchronized long ask() {
        int silent = wayTicks - 2 * stallTicks / 9;
        if (silent < 0 || silent % SLOW_TICKS != 0 || packets.isEmpty()) {
            return 0;
        }
        asked = true;
        return ++question;
    }

    /** Whether an answer is that of the last question, and the peer has nothing that it has not confirmed. */
    synchronized boolean refutesWay(Packet.Silence answer) {
        return asked && answer.question() == question && answer.received() == confirmed && !packets.isEmpty();
    }

    /** For how long the peer counts as one that makes progress: it has confirmed a batch lately, or has none to confirm. */
    synchronized long progressLeft() {
        return cost() == 0 ? PROGRESS_NANOS : lastProgress + PROGRESS_NANOS - time.nanos();
    }

    /** The cost of the envelopes that are queued or in flight. */
    synchronized long depth() {
        return cost();
    }
}
