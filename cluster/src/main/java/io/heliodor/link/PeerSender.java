package io.heliodor.link;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.batch.WakeBatch;
import io.heliodor.link.Link.Sent;
import io.heliodor.log.FailureLog;
import io.heliodor.type.text.EscapedException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends to one member, and delivers its envelopes, while it is a member. Each packet is sent in a step of its own
 * executor, so a peer that does not read delays no other. Confirmations have steps of their own: they do not wait behind
 * envelopes that the peer does not read. Thread-safe.
 */
final class PeerSender {
    private static final Logger log = LoggerFactory.getLogger("io.heliodor.link.SessionLink");

    /** So many envelopes may be delivered before what they put off is woken. */
    private static final int WOKEN_TOGETHER = 64;

    /** Sends packets by the wire. May block. */
    interface PacketOutput {
        /** The short way to a peer at present; null if there is none. */
        Wire.@Nullable Way way(Peer peer);

        /** Sends a packet of this end, by the short way or by the wire. */
        void control(PeerSender to, Wire.@Nullable Way way, Packet packet) throws InterruptedException;

        void batch(PeerSender to, Wire.@Nullable Way way, SendQueue from, List<byte[]> envelopes)
                throws InterruptedException;

        void part(PeerSender to, Wire.@Nullable Way way, SendQueue from, Fragment part) throws InterruptedException;

        void repeat(PeerSender to, Wire.@Nullable Way way, byte[] packet) throws InterruptedException;

        /** Whether the peer takes envelopes in parts. */
        boolean takesParts(Peer peer);
    }

    /** Sends one packet. */
    @FunctionalInterface
    private interface Output {
        void run() throws InterruptedException;
    }

    private final Peer peer;
    private final FailureLog failures = new FailureLog(log, System::nanoTime);
    private final PacketOutput output;
    private final int maxBatch;

    /** Sends what answers the peer, by the wire. */
    private final SendSteps answers;

    /** Sends what this end has to send, by the short way if there is one: all of it, because each way has an order of its own. */
    private final SendSteps envelopes;

    private final Runnable wake;
    private final List<byte[]> batch = new ArrayList<>();

    /** The way of the last packet; written by the steps of envelopes. */
    private volatile Wire.@Nullable Way way;

    private volatile @Nullable SendQueue queue;
    private volatile boolean ended;

    /** At most one control packet of each kind waits, the newest. */
    @GuardedBy("this")
    private Packet.@Nullable Reset reset;

    @GuardedBy("this")
    private Packet.@Nullable Accept accept;

    @GuardedBy("this")
    private Packet.@Nullable Ask ask;

    @GuardedBy("this")
    private Packet.@Nullable Silence silence;

    @GuardedBy("this")
    private Packet.@Nullable Open open;

    /** The threads that send. */
    @GuardedBy("this")
    private final Set<Thread> sending = new HashSet<>();

    /** Confined to the calls of the wire, which come one at a time. */
    final Reassembly reassembly = new Reassembly(SessionLink.MAX_ENVELOPE);

    private final ReentrantLock delivering = new ReentrantLock();
    // Guarded by delivering, whose lock the check of @GuardedBy does not follow into a batch of wake-ups.
    private boolean closed;
    private int delivered;

    PeerSender(Peer peer, StepExecutor steps, PacketOutput output, int maxBatch) {
        this.peer = peer;
        this.output = output;
        this.maxBatch = maxBatch;
        this.answers = new SendSteps(peer, steps, this::sendAnswer, this::hasAnswer);
        this.envelopes = new SendSteps(peer, steps, this::sendNext, this::hasNext);
        this.wake = envelopes::wake;
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
        envelopes.wake();
        return waiter;
    }

    /** Wakes it: immediately if a packet is full, else at the end of a batch. */
    private Sent wake(SendQueue to, Sent sent) {
        if (!envelopes.isScheduled()) {
            if (to.hasPacket(maxBatch)) {
                envelopes.wake();
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
                case Packet.Ask next -> ask = next;
                case Packet.Silence next -> silence = next;
                case Packet.Open next -> open = next;
                case Packet.Batch _, Packet.Part _ ->
                    throw new IllegalArgumentException("Batches and parts wait in a send queue.");
            }
        }
        (packet instanceof Packet.Open ? envelopes : answers).wake();
    }

    /** Sends what can be sent, because the peer has confirmed something, or a way has ended. */
    void wake() {
        envelopes.wake();
    }

    /** Asks the peer, by the wire, whether nothing comes by the short way, if the queue has reason to. */
    void ask(SendQueue from) {
        long question = way == null ? 0 : from.ask();
        if (question > 0) {
            control(new Packet.Ask(from.session(), question));
        }
    }

    /** Ends the short way, over which nothing is confirmed. The wire sends it all again. */
    void endWay() {
        Wire.Way present = way; // the one that was used, and not one that has begun since
        if (present != null) {
            present.end();
            wake();
        }
    }

    private boolean sendAnswer() {
        Packet next = nextAnswer();
        if (next == null) {
            return false;
        }
        send(() -> output.control(this, null, next));
        return true;
    }

    private synchronized @Nullable Packet nextAnswer() {
        Packet next = reset;
        if (next != null) {
            reset = null;
        } else if (accept != null) {
            next = accept;
            accept = null;
        } else if (silence != null) {
            next = silence;
            silence = null;
        } else {
            next = ask;
            ask = null;
        }
        return next;
    }

    private synchronized boolean hasAnswer() {
        return reset != null || accept != null || silence != null || ask != null;
    }

    /** Sends the next packet. Returns false if there is none. */
    private boolean sendNext() {
        SendQueue from = queue;
        Wire.Way by = output.way(peer);
        if (!Objects.equals(by, way)) {
            way = by;
            if (from != null) {
                from.repeatAll();
            }
        }
        // Repeats precede an Open, which names the number of the last batch: a peer without that batch would end the
        // session.
        byte[] repeat = from == null ? null : from.nextRepeat();
        if (repeat != null) {
            send(() -> output.repeat(this, by, repeat));
            return true;
        }
        Packet.Open next = nextOpen();
        if (next != null) {
            send(() -> output.control(this, by, next));
            return true;
        }
        return from != null && sendEnvelopes(from, by);
    }

    private boolean sendEnvelopes(SendQueue from, Wire.@Nullable Way by) {
        if (from.isWithinEnvelope() || (from.isFirstLargerThan(maxBatch) && output.takesParts(peer))) {
            Fragment part = from.takePart(maxBatch);
            if (part != null) {
                send(() -> output.part(this, by, from, part));
            }
            return part != null;
        }
        if (from.take(batch, maxBatch)) {
            send(() -> output.batch(this, by, from, batch));
            batch.clear();
            return true;
        }
        return false;
    }

    private synchronized Packet.@Nullable Open nextOpen() {
        Packet.Open next = open;
        open = null;
        return next;
    }

    private boolean hasNext() {
        synchronized (this) {
            if (open != null) {
                return true;
            }
        }
        SendQueue from = queue;
        // A way that ended after the last step looked is noticed here.
        return from != null && (from.sendable() || (from.hasUnconfirmed() && !Objects.equals(output.way(peer), way)));
    }

    /** Whether all packets that can be sent have been sent. */
    boolean isQuiescent() {
        return answers.isQuiescent() && envelopes.isQuiescent();
    }

    private void send(Output packet) {
        synchronized (this) {
            if (ended) {
                return;
            }
            sending.add(Thread.currentThread());
        }
        try {
            packet.run();
        } catch (InterruptedException e) {
            // Most likely the peer has left. Otherwise the packet may be lost, and the session ends by the gap.
            log.debug("Interrupted while sending to {}.", peer, e);
        } catch (RuntimeException e) {
            failures.write(
                    "A packet to " + peer,
                    e,
                    () -> log.warn("A packet to {} could not be sent.", peer, EscapedException.of(e)));
        } finally {
            synchronized (this) {
                sending.remove(Thread.currentThread());
            }
        }
    }

    /** Ends sending, when the peer is not a member any more. A thread that sends is interrupted. */
    void end() {
        ended = true;
        answers.end();
        envelopes.end();
        synchronized (this) {
            for (Thread thread : sending) {
                if (!thread.equals(Thread.currentThread())) {
                    thread.interrupt();
                }
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
            if (delivered % WOKEN_TOGETHER == 0) {
                WakeBatch.flush();
            }
        } catch (RuntimeException e) {
            // The rest of the packet is confirmed already: it must come.
            failures.error("The listener", e, () -> "failed at an envelope of " + peer + ".");
        }
    }
}
