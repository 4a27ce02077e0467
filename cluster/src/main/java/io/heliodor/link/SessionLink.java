package io.heliodor.link;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A link over a wire. It decides nothing: {@link Sessions} does; here are the locks, the queues and the threads.
 *
 * <p>What the listener is told goes through one queue, and is told by one virtual thread. What goes to a peer is sent by a
 * virtual thread that exists while something waits for that peer. What comes from a peer is delivered by the thread of the
 * wire that brings it. A listener that throws is logged, and told on.
 */
public final class SessionLink implements Link {
    /** The capacity of a session's queue in production: 4 MiB. */
    public static final int CAPACITY = 4 << 20;

    /** The largest envelope, in bytes: 4 MiB for what it carries, and 64 KiB for what belongs to it. */
    public static final int MAX_ENVELOPE = (4 << 20) + (64 << 10);

    private static final Logger log = LoggerFactory.getLogger(SessionLink.class);
    private static final int BATCH = 32 << 10;
    private static final Duration TICK = Duration.ofMillis(200);

    private final Link.Listener listener;
    private final Turns turns;
    private final int capacity;
    private final LinkCounters counters = new LinkCounters();
    private final Map<Peer, Lane> lanes = new ConcurrentHashMap<>();
    private final Serial tells = new Serial();
    private final Wire wire;
    private final Peer self;
    private final Time time;
    private final Time.Task ticking;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Its monitor guards it, and the order in which what it decides is queued. Nothing foreign is called inside. */
    private final Sessions sessions;

    private final Lane.Sender sender = new ToWire();

    /** Who left since the last view; guarded by the sessions' monitor. */
    private final List<Lane> gone = new ArrayList<>();

    // Of the teller's turns alone.
    private final Set<Peer> suspects = new HashSet<>();
    private final ArrayDeque<Runnable> arrived = new ArrayDeque<>();
    private @Nullable View told;
    private boolean leaving;

    private <E extends Exception> SessionLink(
            Opening<E> opening, Link.Listener listener, Time time, int capacity, Turns turns) throws E {
        if (capacity < 1) {
            throw new IllegalArgumentException(
                    "The queue of a session has room for " + capacity + " bytes: use CAPACITY.");
        }
        this.listener = listener;
        this.turns = turns;
        this.capacity = capacity;
        this.wire = opening.open(new FromWire());
        this.self = wire.self();
        this.sessions = new Sessions(self, new Performed());
        this.time = time;
        this.ticking = time.every(TICK, this::tick);
        tells.start(turn -> turns.run(self, turn));
    }

    /**
     * Opens a wire, and a link over it.
     *
     * @param opening opens the wire
     * @param listener what is told. One that blocks holds up the link
     * @param time by which it waits, and repeats what was not answered
     * @param capacity how many bytes may wait in a session, 1 or more; {@link #CAPACITY} in production
     * @param <E> what opening may throw
     * @return the link
     * @throws E when the wire could not be opened
     */
    public static <E extends Exception> SessionLink start(
            Opening<E> opening, Link.Listener listener, Time time, int capacity) throws E {
        return start(opening, listener, time, capacity, Turns.VIRTUAL);
    }

    static <E extends Exception> SessionLink start(
            Opening<E> opening, Link.Listener listener, Time time, int capacity, Turns turns) throws E {
        return new SessionLink(opening, listener, time, capacity, turns);
    }

    /**
     * Opens a wire.
     *
     * @param <E> what it may throw
     */
    @FunctionalInterface
    public interface Opening<E extends Exception> {
        /**
         * Opens it.
         *
         * @param listener what the wire tells from the moment it knows something
         * @return the open wire
         * @throws E when it could not be opened
         */
        Wire open(Wire.Listener listener) throws E;
    }

    @Override
    public Peer self() {
        return self;
    }

    /**
     * What this link did so far.
     *
     * @return counters that go on
     */
    public LinkCounters counters() {
        return counters;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException when the envelope is larger than {@link #MAX_ENVELOPE}
     */
    @Override
    public Sent offer(Peer to, byte[] envelope) {
        return put(to, envelope, false);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException when the envelope is larger than {@link #MAX_ENVELOPE}
     */
    @Override
    public Sent post(Peer to, byte[] envelope) {
        return put(to, envelope, true);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException when the envelope is larger than {@link #MAX_ENVELOPE}
     */
    @Override
    public Sent send(Peer to, byte[] envelope, long nanos) throws InterruptedException {
        check(envelope);
        Lane lane = lanes.get(to);
        Outbox outbox = lane == null ? null : lane.outbox();
        if (lane == null || outbox == null) {
            return Sent.NO_SESSION;
        }
        return added(lane, outbox, outbox.add(envelope, nanos), true);
    }

    private Sent put(Peer to, byte[] envelope, boolean insist) {
        check(envelope);
        Lane lane = lanes.get(to);
        Outbox outbox = lane == null ? null : lane.outbox();
        if (lane == null || outbox == null) {
            return Sent.NO_SESSION;
        }
        return added(lane, outbox, outbox.add(envelope, insist), insist);
    }

    private static void check(byte[] envelope) {
        if (envelope.length > MAX_ENVELOPE) {
            throw new IllegalArgumentException("An envelope has at most " + MAX_ENVELOPE + " bytes, but this one has "
                    + envelope.length + ": send it in parts.");
        }
    }

    private Sent added(Lane lane, Outbox outbox, Sent sent, boolean insisted) {
        if (sent == Sent.QUEUED) {
            lane.wake();
        } else if (sent == Sent.FULL && insisted) {
            synchronized (sessions) {
                sessions.overflow(lane.peer(), outbox.session());
            }
        }
        return sent;
    }

    /**
     * Whether all was told and sent that is to be told and sent now.
     *
     * @param stuck says of a peer whether who sends to it waits for room
     * @return false while something waits for its turn
     */
    public boolean rests(Predicate<Peer> stuck) {
        return tells.rests() && lanes.values().stream().allMatch(lane -> lane.rests() || stuck.test(lane.peer()));
    }

    private void tick() {
        synchronized (sessions) {
            sessions.tick();
        }
    }

    /**
     * {@inheritDoc} Nothing is told any more when this returned, not even that sessions were closed; what waits is not sent.
     * It waits for calls of the listener that run, unless it is called by one.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return; // two calls of the listener that both close would wait for each other
        }
        ticking.cancel();
        lanes.values().forEach(Lane::end);
        wire.close();
        tells.close();
        for (Lane lane : lanes.values()) {
            lane.end();
            lane.shutDoor();
            Outbox outbox = lane.outbox();
            if (outbox != null) {
                outbox.shut();
            }
        }
    }

    /** What the wire tells. Views and suspicion only join the queue: sessions exist when the first turn comes, not before. */
    private final class FromWire implements Wire.Listener {
        @Override
        public void view(View view) {
            tell(() -> leave(view));
        }

        @Override
        public void suspected(Peer peer, boolean suspect) {
            tell(() -> tellSuspicion(peer, suspect));
        }

        private void tell(Runnable what) {
            tells.add(() -> {
                arrived.add(what);
                tellNext();
            });
        }

        @Override
        public void received(Peer from, byte[] bytes, int offset, int length) {
            Lane lane = lanes.get(from);
            if (lane == null || !take(lane, new Input(bytes, offset, offset + length), length)) {
                counters.refused.increment();
            }
        }
    }

    /** Tells what the wire said, in its order. It stops at a view until all have entered it. */
    private void tellNext() {
        while (!leaving && !arrived.isEmpty()) {
            arrived.remove().run();
        }
    }

    /** Who is not in the view loses its session. What this and all before has to tell comes first, then the view. */
    private void leave(View view) {
        if (!view.has(self)) {
            log.error("The wire of {} told of a view without it, which is ignored: {}.", self, view);
            return;
        }
        leaving = true;
        synchronized (sessions) {
            sessions.leave(view);
            List<Lane> left = List.copyOf(gone);
            gone.clear();
            tells.add(() -> tellView(view, left));
            tells.add(() -> enter(view));
        }
    }

    private void tellView(View view, List<Lane> left) {
        left.forEach(Lane::shutDoor);
        suspects.retainAll(view.members());
        told = view;
        listener.view(view);
    }

    /** Only now, so that nothing comes from a new member before the view with it was told. */
    private void enter(View view) {
        synchronized (sessions) {
            sessions.enter(view);
        }
        leaving = false;
        tellNext();
    }

    private void tellSuspicion(Peer peer, boolean suspect) {
        if (told != null
                && told.has(peer)
                && !peer.equals(self)
                && (suspect ? suspects.add(peer) : suspects.remove(peer))) {
            listener.suspected(peer, suspect);
        }
    }

    private boolean take(Lane lane, Input in, int length) {
        Optional<Packet> packet;
        List<byte[]> envelopes = List.of();
        try {
            packet = Packet.read(in, lane.peer(), self);
            if (packet.isEmpty()) {
                return false;
            }
            if (packet.get() instanceof Packet.Batch) {
                envelopes = Packet.envelopes(in);
            }
        } catch (Malformed e) {
            log.debug("A packet of {} is none: {}.", lane.peer(), e.getMessage());
            return false;
        }
        boolean next;
        synchronized (sessions) {
            next = sessions.received(lane.peer(), packet.get());
        }
        if (!(packet.get() instanceof Packet.Batch)) {
            return true;
        }
        if (next) {
            counters.envelopesIn.add(lane.deliver(envelopes, listener));
            counters.bytesIn.add(length);
        }
        return next;
    }

    /** What the sessions want done; inside their monitor. */
    private final class Performed implements Sessions.Actions {
        @Override
        public void entered(Peer peer) {
            lanes.put(peer, new Lane(peer, turns, sender, Math.min(BATCH, Math.max(1, capacity / 4))));
        }

        @Override
        public void left(Peer peer) {
            Lane lane = lanes.remove(peer);
            if (lane != null) {
                lane.end();
                gone.add(lane);
            }
        }

        @Override
        public void send(Peer to, Packet packet) {
            Lane lane = lanes.get(to);
            if (lane != null) {
                lane.control(packet);
            }
        }

        @Override
        public void opened(Peer to, long session, long acceptance) {
            counters.opened.increment();
            Outbox outbox = new Outbox(session, acceptance, capacity, time);
            Lane lane = lanes.get(to);
            if (lane != null) {
                lane.outbox(outbox);
            }
            tells.add(() -> {
                outbox.open();
                listener.opened(to);
            });
        }

        @Override
        public void closed(Peer to, Sessions.Ending why) {
            switch (why) {
                case LEFT -> {}
                case RESET -> counters.reset.increment();
                case OVERFLOW -> counters.overflowed.increment();
            }
            Lane lane = lanes.get(to);
            Outbox outbox = lane == null ? null : lane.outbox();
            if (lane != null && outbox != null) {
                lane.outbox(null);
                outbox.shut();
            }
            tells.add(() -> {
                listener.closed(to);
                synchronized (sessions) {
                    sessions.reopen(to);
                }
            });
        }
    }

    /** Sends for the lanes; on their threads. */
    private final class ToWire implements Lane.Sender {
        @Override
        public void control(Lane lane, Packet packet) throws InterruptedException {
            wire.send(lane.peer(), packet.toBytes(self, lane.peer()));
        }

        @Override
        public void batch(Lane lane, Outbox outbox, List<byte[]> envelopes) throws InterruptedException {
            long number;
            synchronized (sessions) {
                number = sessions.number(lane.peer(), outbox.session());
            }
            if (number < 0) {
                return;
            }
            var head = new Packet.Batch(outbox.session(), outbox.acceptance(), number);
            byte[] packet = Packet.join(head, self, lane.peer(), envelopes);
            counters.envelopesOut.add(envelopes.size());
            counters.bytesOut.add(packet.length);
            wire.send(lane.peer(), packet);
        }
    }
}
