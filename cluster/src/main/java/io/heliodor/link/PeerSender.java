package io.heliodor.link;

import io.heliodor.batch.WakeBatch;
import io.heliodor.link.Link.Sent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends to one member, and delivers its envelopes, while it is a member. Each packet is sent in a step of its own
 * executor, so a peer that does not read delays no other. Thread-safe.
 */
final class PeerSender {
    private static final Logger log = LoggerFactory.getLogger(SessionLink.class);

    /** Sends packets by the wire. May block. */
    interface PacketOutput {
        void control(PeerSender to, Packet packet) throws InterruptedException;

        void batch(PeerSender to, SendQueue from, List<byte[]> envelopes) throws InterruptedException;

        void part(PeerSender to, SendQueue from, Fragment part) throws InterruptedException;

        /** Whether the peer takes envelopes in parts. */
        boolean takesParts(Peer peer);
    }

    /** Sends one packet. */
    @FunctionalInterface
    private interface Output {
        void run() throws InterruptedException;
    }

    private final Peer peer;
    private final StepExecutor steps;
    private final PacketOutput output;
    private final int maxBatch;

    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final Runnable wake = this::wake;
    private final List<byte[]> batch = new ArrayList<>();
    private volatile @Nullable SendQueue queue;
    private volatile boolean ended;

    // Guarded by this. At most one control packet of each kind waits, the newest.
    private Packet.@Nullable Reset reset;
    private Packet.@Nullable Accept accept;
    private Packet.@Nullable Open open;
    private @Nullable Thread sending;

    /** Confined to the calls of the wire, which come one at a time. */
    final Reassembly reassembly = new Reassembly(SessionLink.MAX_ENVELOPE);

    private final ReentrantLock delivering = new ReentrantLock();
    // Guarded by delivering.
    private boolean closed;
    private int delivered;

    PeerSender(Peer peer, StepExecutor steps, PacketOutput output, int maxBatch) {
        this.peer = peer;
        this.steps = steps;
        this.output = output;
        this.maxBatch = maxBatch;
    }

    Peer peer() {
        return peer;
    }

    /** The queue of the open session; null without one. */
    @Nullable
    SendQueue queue() {
        return queue;
    }

    void queue(@Nullable SendQueue next) {
        queue = next;
    }

    /** Queues the envelope if there is a session with room. */
    Sent offer(byte[] envelope) {
        SendQueue to = queue;
        return to == null ? Sent.NO_SESSION : wake(to, to.offer(envelope));
    }

    /** Queues the envelope, in the reserve if need be. After {@code FULL} the session must end. */
    Sent post(SendQueue to, byte[] envelope) {
        return wake(to, to.post(envelope));
    }

    /** Queues the envelope now or when there is room. Null without a session. */
    SendQueue.@Nullable Waiter enqueue(byte[] envelope) {
        SendQueue to = queue;
        if (to == null) {
            return null;
        }
        SendQueue.Waiter waiter = to.enqueue(envelope);
        // Immediately, also in a batch: its caller waits for the room that this makes.
        wake();
        return waiter;
    }

    /** Wakes it: immediately if a packet is full, else at the end of a batch. */
    private Sent wake(SendQueue to, Sent sent) {
        if (!scheduled.get()) {
            if (to.hasPacket(maxBatch)) {
                wake();
            } else if (sent == Sent.QUEUED) {
                WakeBatch.wake(wake);
            }
        }
        return sent;
    }

    void control(Packet packet) {
        synchronized (this) {
            switch (packet) {
                case Packet.Reset next -> reset = next;
                case Packet.Accept next -> accept = next;
                case Packet.Open next -> open = next;
                case Packet.Batch _, Packet.Part _ ->
                    throw new IllegalArgumentException("Batches and parts wait in a send queue.");
            }
        }
        wake();
    }

    /** Schedules steps unless they are scheduled. */
    void wake() {
        if (!scheduled.get() && scheduled.compareAndSet(false, true)) {
            steps.run(peer, this::step);
        }
    }

    private boolean step() {
        if (ended) {
            return false; // still scheduled, so that no step is scheduled again
        }
        if (sendNext()) {
            return true;
        }
        scheduled.set(false);
        // A thread that added a packet since then may have found the steps still scheduled.
        if (sendable()) {
            wake();
        }
        return false;
    }

    /** Sends the next packet. Returns false if there is none. */
    private boolean sendNext() {
        Packet control = nextControl();
        if (control != null) {
            send(() -> output.control(this, control));
            return true;
        }
        SendQueue from = queue;
        if (from == null) {
            return false;
        }
        if (from.isWithinEnvelope() || (from.isFirstLargerThan(maxBatch) && output.takesParts(peer))) {
            Fragment part = from.takePart(maxBatch);
            if (part != null) {
                send(() -> output.part(this, from, part));
            }
            return part != null;
        }
        if (from.take(batch, maxBatch)) {
            send(() -> output.batch(this, from, batch));
            batch.clear();
            return true;
        }
        return false;
    }

    /** Whether all packets that can be sent have been sent. */
    boolean isQuiescent() {
        return ended || !scheduled.get();
    }

    private synchronized @Nullable Packet nextControl() {
        Packet next;
        if (reset != null) {
            next = reset;
            reset = null;
        } else if (accept != null) {
            next = accept;
            accept = null;
        } else {
            next = open;
            open = null;
        }
        return next;
    }

    private boolean sendable() {
        synchronized (this) {
            if (reset != null || accept != null || open != null) {
                return true;
            }
        }
        SendQueue from = queue;
        return from != null && from.sendable();
    }

    private void send(Output packet) {
        synchronized (this) {
            if (ended) {
                return;
            }
            sending = Thread.currentThread();
        }
        try {
            packet.run();
        } catch (InterruptedException e) {
            // Most likely the peer has left. Otherwise the packet may be lost, and the session ends by the gap.
            log.debug("Interrupted while sending to {}.", peer, e);
        } catch (RuntimeException e) {
            log.warn("A packet to {} could not be sent.", peer, e);
        } finally {
            synchronized (this) {
                sending = null;
            }
        }
    }

    /** Ends sending, when the peer is not a member any more. A thread that sends is interrupted. */
    void end() {
        ended = true;
        synchronized (this) {
            if (sending != null && !sending.equals(Thread.currentThread())) {
                sending.interrupt();
            }
        }
    }

    /** Ends deliveries. Waits for one that runs, unless that calls this. */
    void close() {
        delivering.lock();
        try {
            closed = true;
        } finally {
            delivering.unlock();
        }
    }

    /** Delivers envelopes in order until {@link #close}. Returns how many were delivered. */
    int deliver(List<byte[]> envelopes, Link.Listener listener) {
        delivering.lock();
        try {
            delivered = 0;
            WakeBatch.run(() -> envelopes.forEach(envelope -> deliver(envelope, listener)));
            return delivered;
        } finally {
            delivering.unlock();
        }
    }

    private void deliver(byte[] envelope, Link.Listener listener) {
        if (closed) {
            return;
        }
        delivered++;
        try {
            listener.received(peer, envelope);
        } catch (RuntimeException e) {
            log.error("The listener failed at an envelope of {}.", peer, e);
        }
    }
}
