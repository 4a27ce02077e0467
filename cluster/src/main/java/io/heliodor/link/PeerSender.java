package io.heliodor.link;

import io.heliodor.link.Link.Sent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends to one member and receives from it, for as long as it is a member. All packets to it are sent in its turns, one packet
 * each, so a peer that does not read holds up no other.
 */
final class PeerSender {
    private static final Logger log = LoggerFactory.getLogger(SessionLink.class);

    /** Hands packets to the wire. */
    interface PacketOutput {
        void control(PeerSender to, Packet packet) throws InterruptedException;

        void batch(PeerSender to, SendQueue from, List<byte[]> envelopes) throws InterruptedException;
    }

    private final Peer peer;
    private final StepExecutor turns;
    private final PacketOutput output;
    private final int maxBatch;

    private final AtomicBoolean running = new AtomicBoolean();
    private final List<byte[]> batch = new ArrayList<>();
    private volatile @Nullable SendQueue queue;
    private volatile boolean ended;

    // Guarded by this: at most one packet of each kind waits.
    private Packet.@Nullable Reset reset;
    private Packet.@Nullable Accept accept;
    private Packet.@Nullable Open open;
    private @Nullable Thread sending;

    private final ReentrantLock delivering = new ReentrantLock();
    private boolean closed;

    PeerSender(Peer peer, StepExecutor turns, PacketOutput output, int maxBatch) {
        this.peer = peer;
        this.turns = turns;
        this.output = output;
        this.maxBatch = maxBatch;
    }

    Peer peer() {
        return peer;
    }

    /** The queue of the open session, or null. */
    @Nullable
    SendQueue queue() {
        return queue;
    }

    void queue(@Nullable SendQueue next) {
        queue = next;
    }

    /** Accepts the envelope if there is a session with room. */
    Sent offer(byte[] envelope) {
        SendQueue to = queue;
        return to == null ? Sent.NO_SESSION : woken(to.offer(envelope));
    }

    /** Accepts the envelope into the reserve, too. {@code FULL} when the queue has ended by it, and so must the session. */
    Sent post(SendQueue to, byte[] envelope) {
        return woken(to.post(envelope));
    }

    /** Accepts the envelope now or later. Null without a session. */
    SendQueue.@Nullable Waiter enqueue(byte[] envelope) {
        SendQueue to = queue;
        if (to == null) {
            return null;
        }
        SendQueue.Waiter waiter = to.enqueue(envelope);
        wake();
        return waiter;
    }

    private Sent woken(Sent sent) {
        if (sent == Sent.QUEUED) {
            wake();
        }
        return sent;
    }

    void control(Packet packet) {
        synchronized (this) {
            switch (packet) {
                case Packet.Reset next -> reset = next;
                case Packet.Accept next -> accept = next;
                case Packet.Open next -> open = next;
                case Packet.Batch _ -> throw new IllegalArgumentException("A batch waits in a send queue.");
            }
        }
        wake();
    }

    /** Starts the turns if something can be sent and they do not run. */
    void wake() {
        if (!running.get() && running.compareAndSet(false, true)) {
            turns.run(peer, this::turn);
        }
    }

    private boolean turn() {
        if (ended) {
            return false; // and running for ever: nothing starts it again
        }
        Packet control = nextControl();
        SendQueue from = queue;
        if (control != null || (from != null && from.take(batch, maxBatch))) {
            send(control, from);
            return true;
        }
        running.set(false);
        // A thread that added something since may have seen the turns still running, and not started them.
        return sendable() && running.compareAndSet(false, true);
    }

    /** Whether all that can be sent was sent. */
    boolean rests() {
        return ended || !running.get();
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

    private void send(@Nullable Packet control, @Nullable SendQueue from) {
        synchronized (this) {
            if (ended) {
                return;
            }
            sending = Thread.currentThread();
        }
        try {
            if (control != null) {
                output.control(this, control);
            } else if (from != null) {
                output.batch(this, from, batch);
            }
        } catch (InterruptedException e) {
            // The peer has left, most likely. If not, a packet was lost, and the session ends by the gap.
            log.debug("Interrupted while sending to {}.", peer, e);
        } catch (RuntimeException e) {
            log.warn("A packet to {} could not be sent.", peer, e);
        } finally {
            batch.clear();
            synchronized (this) {
                sending = null;
            }
        }
    }

    /** The peer is not a member any more: nothing is sent from now on, and a thread that sends is interrupted. */
    void end() {
        ended = true;
        synchronized (this) {
            if (sending != null && !sending.equals(Thread.currentThread())) {
                sending.interrupt();
            }
        }
    }

    /** Ends deliveries: after it returns nothing is delivered, except by the call that it was made from. */
    void close() {
        delivering.lock();
        try {
            closed = true;
        } finally {
            delivering.unlock();
        }
    }

    /** Delivers in order, until it is closed. Returns how many were delivered. */
    int deliver(List<byte[]> envelopes, Link.Listener listener) {
        delivering.lock();
        try {
            int delivered = 0;
            for (byte[] envelope : envelopes) {
                if (closed) {
                    break;
                }
                delivered++;
                try {
                    listener.received(peer, envelope);
                } catch (RuntimeException e) {
                    log.error("The listener failed at an envelope of {}.", peer, e);
                }
            }
            return delivered;
        } finally {
            delivering.unlock();
        }
    }
}
