package io.heliodor.link;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.DecodeException;
import io.heliodor.counter.EnumCounters;
import io.heliodor.log.BoundedLog;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link Link} over a {@link Wire}. {@link Sessions} takes the decisions; this class has the locks, queues and
 * threads.
 *
 * <p>The events for the listener are in one queue, which one virtual thread processes. For each peer another one sends,
 * which exists while something is queued. Envelopes are delivered by the thread of the wire that brings them.
 * Exceptions of the listener are logged.
 */
public final class SessionLink implements Link {
    /** The capacity of a session's queue in production: 4 MiB. */
    public static final int CAPACITY = 4 << 20;

    /**
     * The time without a confirmation after which a session ends in production, if failure detection has its defaults: 13 s.
     * It is longer than any pause that a peer survives as a member.
     */
    public static final Duration STALL = Duration.ofSeconds(13);

    /** The maximum size of an envelope in bytes: 4 MiB of payload, and 64 KiB for its other fields. */
    public static final int MAX_ENVELOPE = (4 << 20) + (64 << 10);

    private static final Logger log = LoggerFactory.getLogger(SessionLink.class);

    private static final int BATCH = 32 << 10;
    private static final Duration TICK = Duration.ofMillis(200);

    private final Link.Listener listener;
    private final StepExecutor steps;

    /** How often steps were scheduled. */
    private final AtomicLong wakes = new AtomicLong();

    private final int capacity;
    private final Duration stall;
    private final EnumCounters<LinkCounter> counters = new EnumCounters<>(LinkCounter.class);
    private final Map<Peer, PeerSender> senders = new ConcurrentHashMap<>();
    private final SerialExecutor events = new SerialExecutor();
    private final BoundedLog endings = new BoundedLog(log, "sessions that ended", System::nanoTime);
    private final Wire wire;
    private final Peer self;
    private final Time time;
    private final Time.Task ticking;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Its monitor guards it, and the order in which its decisions are queued. No foreign code is called inside. */
    private final Sessions sessions;

    private final ViewChanges views;
    private final PeerSender.PacketOutput output;

    private <E extends Exception> SessionLink(
            Opener<E> opener, Link.Listener listener, Time time, int capacity, Duration stall, StepExecutor steps)
            throws E {
        if (capacity < 1) {
            throw new IllegalArgumentException(
                    "The queue of a session has room for " + capacity + " bytes: use CAPACITY.");
        }
        this.listener = listener;
        this.steps = (peer, step) -> {
            wakes.incrementAndGet();
            steps.run(peer, step);
        };
        this.capacity = capacity;
        this.stall = stall;
        this.wire = opener.open(new WireListener());
        this.self = wire.self();
        this.sessions = new Sessions(self, new SessionActions(), SendQueue.confirmAfter(capacity));
        this.views = new ViewChanges(self, sessions, events, listener);
        this.output = new WireOutput(wire, sessions, counters);
        this.time = time;
        this.ticking = time.every(TICK, this::tick);
        events.start(step -> this.steps.run(self, step));
    }

    /**
     * Opens a wire, and a link over it.
     *
     * @param opener opens the wire
     * @param listener gets the events; while it blocks, the link stands still
     * @param time the time for timeouts and repetitions
     * @param capacity the bytes that may wait in a session, 1 or more; {@link #CAPACITY} in production
     * @param stall the time without a confirmation after which a session ends, counted in ticks of 200 ms;
     *     {@link #STALL} with the defaults of failure detection
     * @param <E> the exception of the opener
     * @return the link
     * @throws E when the wire cannot be opened
     */
    public static <E extends Exception> SessionLink start(
            Opener<E> opener, Link.Listener listener, Time time, int capacity, Duration stall) throws E {
        return new SessionLink(opener, listener, time, capacity, stall, StepExecutor.VIRTUAL_THREADS);
    }

    static <E extends Exception> SessionLink start(
            Opener<E> opener, Link.Listener listener, Time time, int capacity, StepExecutor steps) throws E {
        return new SessionLink(opener, listener, time, capacity, STALL, steps);
    }

    /**
     * Opens a wire.
     *
     * @param <E> the exception if it cannot be opened
     */
    @FunctionalInterface
    public interface Opener<E extends Exception> {
        /**
         * Opens a wire.
         *
         * @param listener gets the events of the wire, maybe before this returns
         * @return the open wire
         * @throws E when it cannot be opened
         */
        Wire open(Wire.Listener listener) throws E;
    }

    @Override
    public Peer self() {
        return self;
    }

    /**
     * The counters of this link.
     *
     * @return live counters
     */
    public EnumCounters<LinkCounter> counters() {
        return counters;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException when the envelope is larger than {@link #MAX_ENVELOPE}
     */
    @Override
    public Sent offer(Peer to, byte[] envelope) {
        check(envelope);
        PeerSender sender = senders.get(to);
        return sender == null ? Sent.NO_SESSION : sender.offer(envelope);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException when the envelope is larger than {@link #MAX_ENVELOPE}
     */
    @Override
    public Sent post(Peer to, byte[] envelope) {
        check(envelope);
        PeerSender sender = senders.get(to);
        SendQueue queue = sender == null ? null : sender.queue();
        if (sender == null || queue == null) {
            return Sent.NO_SESSION;
        }
        Sent sent = sender.post(queue, envelope);
        if (sent == Sent.FULL) {
            end(to, queue, Sessions.Ending.OVERFLOW);
        }
        return sent;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException when the envelope is larger than {@link #MAX_ENVELOPE}
     */
    @Override
    public Sent send(Peer to, byte[] envelope, long nanos) throws InterruptedException {
        check(envelope);
        PeerSender sender = senders.get(to);
        Sent now = sender == null ? Sent.NO_SESSION : sender.offer(envelope);
        if (sender == null || now != Sent.FULL || nanos <= 0) {
            return now;
        }
        SendQueue.Waiter waiter = sender.enqueue(envelope);
        if (waiter == null) {
            return Sent.NO_SESSION;
        }
        try {
            time.await(waiter.decided(), nanos);
        } catch (InterruptedException e) {
            if (waiter.withdraw() != Sent.QUEUED) {
                throw e;
            }
            Thread.currentThread().interrupt();
            return Sent.QUEUED;
        }
        return waiter.withdraw();
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException when the envelope is larger than {@link #MAX_ENVELOPE}
     */
    @Override
    public void sendAll(List<Peer> to, IntFunction<byte[]> envelopes, long nanos, Refusals refusals) {
        WaitingSends waiting = null;
        for (int i = 0; i < to.size(); i++) {
            byte[] envelope = envelopes.apply(i);
            check(envelope);
            PeerSender sender = senders.get(to.get(i));
            Sent now = sender == null ? Sent.NO_SESSION : sender.offer(envelope);
            if (now == Sent.QUEUED) {
                continue;
            }
            SendQueue.Waiter waiter = sender != null && now == Sent.FULL && nanos > 0 ? sender.enqueue(envelope) : null;
            if (waiter == null) {
                refusals.refused(i, now);
            } else {
                waiting = waiting == null ? new WaitingSends(refusals) : waiting;
                waiting.add(i, waiter);
            }
        }
        if (waiting != null) {
            waiting.await(nanos, time);
        }
    }

    /**
     * The bytes that are queued for a peer or in flight to it.
     *
     * @param peer the peer
     * @return 0 or more; 0 without a session
     */
    public long queued(Peer peer) {
        PeerSender sender = senders.get(peer);
        SendQueue queue = sender == null ? null : sender.queue();
        return queue == null ? 0 : queue.depth();
    }

    private static void check(byte[] envelope) {
        if (envelope.length > MAX_ENVELOPE) {
            throw new IllegalArgumentException("An envelope has at most " + MAX_ENVELOPE + " bytes, but this one has "
                    + envelope.length + ": send it in parts.");
        }
    }

    private void end(Peer peer, SendQueue queue, Sessions.Ending why) {
        synchronized (sessions) {
            sessions.end(peer, queue.session(), why);
        }
    }

    /**
     * Whether all events have been dispatched and all packets sent that can be now.
     *
     * @param stuck returns whether the sender to a peer waits for room
     * @return false while a task is pending
     */
    public boolean isQuiescent(Predicate<Peer> stuck) {
        return events.isQuiescent()
                && senders.values().stream().allMatch(sender -> sender.isQuiescent() || stuck.test(sender.peer()));
    }

    /**
     * How often an idle part of the link has become busy. Parts that were found idle one after the other are idle all, if
     * this has not changed meanwhile.
     *
     * @return a count that never decreases
     */
    public long wakes() {
        return wakes.get();
    }

    private void tick() {
        synchronized (sessions) {
            sessions.tick();
        }
        senders.forEach((peer, sender) -> {
            SendQueue queue = sender.queue();
            if (queue == null) {
                return;
            }
            if (queue.tick()) {
                end(peer, queue, Sessions.Ending.STALL);
            } else if (queue.wayHangs()) {
                sender.endWay();
            } else {
                sender.ask(queue);
            }
        });
    }

    @Override
    public List<String> absentSeeds() {
        return wire.absentSeeds();
    }

    /**
     * {@inheritDoc} After it returns the listener is not called any more, not even for the end of sessions; queued
     * envelopes are not sent. It waits for running calls of the listener, unless such a call calls it.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return; // two calls of the listener that both close would wait for each other
        }
        ticking.cancel();
        senders.values().forEach(PeerSender::end);
        wire.close();
        events.close();
        for (PeerSender sender : senders.values()) {
            sender.end();
            sender.close();
            SendQueue queue = sender.queue();
            if (queue != null) {
                queue.shut();
            }
        }
    }

    /** Gets the events of the wire. Views and suspicions are only queued: {@link #views} may not exist yet. */
    private final class WireListener implements Wire.Listener {
        @Override
        public void view(View next) {
            events.execute(() -> views.view(next));
        }

        @Override
        public void suspected(Peer peer, boolean suspect) {
            events.execute(() -> views.suspected(peer, suspect));
        }

        @Override
        public void wayEnded(Peer to) {
            PeerSender sender = senders.get(to);
            if (sender != null) {
                sender.wake();
            }
        }

        @Override
        public void received(Peer from, byte[] bytes, int offset, int length) {
            PeerSender sender = senders.get(from);
            if (sender == null || !receive(sender, new BinaryReader(bytes, offset, offset + length), length)) {
                counters.increment(LinkCounter.PACKETS_REFUSED);
            }
        }
    }

    /** Returns false for a packet that is dropped. */
    private boolean receive(PeerSender from, BinaryReader in, int length) {
        Packet packet;
        List<byte[]> envelopes;
        try {
            Optional<Packet> read = Packet.read(in, from.peer(), self);
            if (read.isEmpty()) {
                return false;
            }
            packet = read.get();
            envelopes = switch (packet) {
                case Packet.Batch _ -> Packet.envelopes(in);
                case Packet.Part _ -> List.of(in.rest());
                default -> List.of();
            };
        } catch (DecodeException e) {
            log.debug("A packet of {} is malformed: {}.", from.peer(), e.getMessage());
            return false;
        }
        if (packet instanceof Packet.Ask && wire.hasInput(from.peer())) {
            return true; // what comes is confirmed
        }
        boolean next;
        synchronized (sessions) {
            next = sessions.received(from.peer(), packet, SendQueue.cost(envelopes));
        }
        return switch (packet) {
            case Packet.Batch _ -> next && deliver(from, envelopes, length);
            case Packet.Part part -> next && receive(from, part, envelopes.getFirst(), length);
            case Packet.Silence silence -> {
                SendQueue queue = from.queue();
                if (queue != null && queue.session() == silence.session() && queue.refutesWay(silence)) {
                    from.endWay();
                }
                yield true;
            }
            case Packet.Open _, Packet.Accept _, Packet.Reset _, Packet.Ask _ -> true;
        };
    }

    private boolean receive(PeerSender from, Packet.Part part, byte[] bytes, int length) {
        if (from.reassembly.fits(part, bytes.length)) {
            return deliver(from, from.reassembly.add(part, bytes).stream().toList(), length);
        }
        log.debug("A part of {} does not continue an envelope.", from.peer());
        synchronized (sessions) {
            sessions.reject(from.peer(), part.session());
        }
        return false;
    }

    private boolean deliver(PeerSender from, List<byte[]> envelopes, int length) {
        counters.add(LinkCounter.ENVELOPES_IN, from.deliver(envelopes, listener));
        counters.add(LinkCounter.TRAFFIC_IN, length);
        return true;
    }

    /** Performs the actions of {@link Sessions}, inside its monitor. */
    private final class SessionActions implements Sessions.Actions {
        @Override
        public void entered(Peer peer) {
            senders.put(peer, new PeerSender(peer, steps, output, Math.min(BATCH, Math.max(1, capacity / 4))));
        }

        @Override
        public void left(Peer peer) {
            PeerSender sender = senders.remove(peer);
            if (sender != null) {
                sender.end();
                views.left(sender);
            }
        }

        @Override
        public void send(Peer to, Packet packet) {
            PeerSender sender = senders.get(to);
            if (sender != null) {
                sender.control(packet);
            }
        }

        @Override
        public void opened(Peer to, long session, long acceptance) {
            counters.increment(LinkCounter.SESSIONS_OPENED);
            SendQueue queue =
                    new SendQueue(session, acceptance, capacity, Math.toIntExact(stall.dividedBy(TICK)), time);
            PeerSender sender = senders.get(to);
            if (sender != null) {
                sender.queue(queue);
            }
            events.execute(() -> {
                queue.open();
                listener.opened(to);
            });
        }

        @Override
        public void confirmed(Peer to, long session, long received) {
            PeerSender sender = senders.get(to);
            SendQueue queue = sender == null ? null : sender.queue();
            if (sender != null && queue != null && queue.session() == session && queue.confirm(received)) {
                sender.wake();
            }
        }

        @Override
        public void closed(Peer to, Sessions.Ending why) {
            PeerSender sender = senders.get(to);
            SendQueue queue = sender == null ? null : sender.queue();
            long lost = queue == null ? 0 : queue.depth();
            if (sender != null && queue != null) {
                sender.queue(null);
                queue.shut();
            }
            events.execute(() -> {
                count(to, why, lost);
                listener.closed(to);
                synchronized (sessions) {
                    sessions.reopen(to);
                }
            });
        }

        private void count(Peer to, Sessions.Ending why, long lost) {
            switch (why) {
                case LEFT -> {}
                case RESET -> {
                    counters.increment(LinkCounter.SESSIONS_RESET);
                    endings.warn(
                            "The session to {} ended: the peer lacks the session or some batches. {} bytes may be lost.",
                            to,
                            lost);
                }
                case OVERFLOW -> {
                    counters.increment(LinkCounter.SESSIONS_OVERFLOWED);
                    endings.warn("The session to {} ended: its queue and reserve are full.", to);
                }
                case STALL -> {
                    counters.increment(LinkCounter.SESSIONS_STALLED);
                    endings.warn(
                            "The session to {} ended: it confirmed nothing for {} s, {} bytes may be lost.",
                            to,
                            stall.toSeconds(),
                            lost);
                }
            }
        }
    }
}
