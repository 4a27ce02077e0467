package io.heliodor.link;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to one member, for as long as it is one: all that goes there goes by its turns, one packet each, so that a peer
 * that takes nothing holds up nobody else. And the door for what comes from there.
 */
final class Lane {
    private static final Logger log = LoggerFactory.getLogger(SessionLink.class);

    /** Sends in the name of the link. */
    interface Sender {
        void control(Lane lane, Packet packet) throws InterruptedException;

        void batch(Lane lane, Outbox outbox, List<byte[]> envelopes) throws InterruptedException;
    }

    private final Peer peer;
    private final Turns turns;
    private final Sender sender;
    private final int most;

    private final AtomicBoolean running = new AtomicBoolean();
    private final List<byte[]> batch = new ArrayList<>();
    private volatile @Nullable Outbox outbox;
    private volatile boolean over;

    // Guarded by this: at most one packet of each kind waits.
    private Packet.@Nullable Reset reset;
    private Packet.@Nullable Accept accept;
    private Packet.@Nullable Open open;
    private @Nullable Thread sending;

    private final ReentrantLock door = new ReentrantLock();
    private boolean shut;

    Lane(Peer peer, Turns turns, Sender sender, int most) {
        this.peer = peer;
        this.turns = turns;
        this.sender = sender;
        this.most = most;
    }

    Peer peer() {
        return peer;
    }

    /** Where to put what is for the peer; none while no session is open. */
    @Nullable
    Outbox outbox() {
        return outbox;
    }

    void outbox(@Nullable Outbox next) {
        outbox = next;
    }

    void control(Packet packet) {
        synchronized (this) {
            switch (packet) {
                case Packet.Reset next -> reset = next;
                case Packet.Accept next -> accept = next;
                case Packet.Open next -> open = next;
                case Packet.Batch _ -> throw new IllegalArgumentException("A batch waits in an outbox.");
            }
        }
        wake();
    }

    /** Something waits: sees to it that there are turns. */
    void wake() {
        if (!running.get() && running.compareAndSet(false, true)) {
            turns.run(peer, this::turn);
        }
    }

    private boolean turn() {
        if (over) {
            return false; // and running for ever: nothing starts it again
        }
        Packet control = nextControl();
        Outbox from = outbox;
        boolean any = control != null || (from != null && from.take(batch, most));
        if (any) {
            send(control, from);
            return true;
        }
        running.set(false);
        // What came since was put in by someone who saw the turns still running.
        return waits() && running.compareAndSet(false, true);
    }

    /** Whether all that waited was sent. */
    boolean rests() {
        return over || !running.get();
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

    private boolean waits() {
        synchronized (this) {
            if (reset != null || accept != null || open != null) {
                return true;
            }
        }
        Outbox from = outbox;
        return from != null && from.waits();
    }

    private void send(@Nullable Packet control, @Nullable Outbox from) {
        synchronized (this) {
            if (over) {
                return;
            }
            sending = Thread.currentThread();
        }
        try {
            if (control != null) {
                sender.control(this, control);
            } else if (from != null) {
                sender.batch(this, from, batch);
                from.sent();
            }
        } catch (InterruptedException e) {
            // The lane is over, most likely. If not, a packet was lost, and the sessions see to it.
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

    /** The peer is no member any more. Nothing is sent from now on, and who sends is woken up. */
    void end() {
        over = true;
        synchronized (this) {
            if (sending != null && !sending.equals(Thread.currentThread())) {
                sending.interrupt();
            }
        }
    }

    /** Nothing is delivered any more when this returned, but what called it. */
    void shutDoor() {
        door.lock();
        try {
            shut = true;
        } finally {
            door.unlock();
        }
    }

    /** Delivers, one at a time, until the door is shut. Returns how many were. */
    int deliver(List<byte[]> envelopes, Link.Listener listener) {
        door.lock();
        try {
            int delivered = 0;
            for (byte[] envelope : envelopes) {
                if (shut) {
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
            door.unlock();
        }
    }
}
