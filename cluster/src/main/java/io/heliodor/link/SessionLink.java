package io.heliodor.link;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
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
    private final StepExecutor turns;
    private final int capacity;
    private final LinkCounters counters = new LinkCounters();
    private final Map<Peer, PeerSender> senders = new ConcurrentHashMap<>();
    private final SerialExecutor tells = new SerialExecutor();
    private final Wire wire;
    private final Peer self;
    private final Time time;
    private final Time.Task ticking;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Its monitor guards it, and the order in which what it decides is queued. Nothing foreign is called inside. */
    private final Sessions sessions;

    private final PeerSender.PacketOutput output = new ToWire();

    /** Who left since the last view; guarded by the sessions' monitor. */
    private final List<PeerSender> gone = new ArrayList<>();

    // Of the teller's turns alone.
    private final Set<Peer> suspects = new HashSet<>();
    private final ArrayDeque<Runnable> arrived = new ArrayDeque<>();
    private @Nullable View told;
    private boolean leaving;

    private <E extends Exception> SessionLink(
            Opening<E> opening, Link.Listener listener, Time time, int capacity, StepExecutor turns) throws E {
        if (capacity < 1) {
            throw new IllegalArgumentException(
                    "The queue of a session has room for " + capacity + " bytes: use CAPACITY.");
        }
        this.listener = listener;
        this.turns = turns;
        this.capacity = capacity;
        this.wire = opening.open(new FromWire());
        this.self = wire.self();
        this.sessions = new Sessions(self, new Performed(), SendQueue.confirmAfter(capacity));
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
        return start(opening, listener, time, capacity, StepExecutor.VIRTUAL);
    }

    static <E extends Exception> SessionLink start(
            Opening<E> opening, Link.Listener listener, Time time, int capacity, StepExecutor turns) throws E {
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
        List<Waiting> waiting = List.of();
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
                waiting = waiting.isEmpty() ? new ArrayList<>() : waiting;
                waiting.add(new Waiting(i, waiter));
            }
        }
        if (!waiting.isEmpty()) {
            await(waiting, nanos, refusals);
        }
    }

    private void await(List<Waiting> waiting, long nanos, Refusals refusals) {
        waiting.removeIf(each -> ended(each, false, refusals)); // the peers that make no progress
        boolean interrupted = false;
        long begin = time.nanos();
        while (!waiting.isEmpty()) {
            long left = interrupted ? 0 : nanos - (time.nanos() - begin);
            try {
                time.await(all(waiting), Math.min(left, SendQueue.PROGRESS_NANOS));
            } catch (InterruptedException e) {
                interrupted = true;
            }
            boolean over = interrupted || left <= SendQueue.PROGRESS_NANOS;
            waiting.removeIf(each -> ended(each, over, refusals));
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static CompletableFuture<Void> all(List<Waiting> waiting) {
        return CompletableFuture.allOf(
                waiting.stream().map(each -> each.waiter().decided()).toArray(CompletableFuture<?>[]::new));
    }

    /** Ends the wait for one peer if that is decided, over, or in vain. */
    private static boolean ended(Waiting each, boolean over, Refusals refusals) {
        if (!over && each.waiter().hasHope()) {
            return false;
        }
        Sent sent = each.waiter().withdraw();
        if (sent != Sent.QUEUED) {
            refusals.refused(each.index(), sent);
        }
        return true;
    }

    /** The envelope for one of several peers that waits for room. */
    private record Waiting(int index, SendQueue.Waiter waiter) {}

    /**
     * The bytes that wait for a peer or are in flight to it.
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
     * Whether all was told and sent that is to be told and sent now.
     *
     * @param stuck says of a peer whether who sends to it waits for room
     * @return false while something waits for its turn
     */
    public boolean rests(Predicate<Peer> stuck) {
        return tells.rests()
                && senders.values().stream().allMatch(sender -> sender.rests() || stuck.test(sender.peer()));
    }

    private void tick() {
        synchronized (sessions) {
            sessions.tick();
        }
        senders.forEach((peer, sender) -> {
            SendQueue queue = sender.queue();
            if (queue != null && queue.tick()) {
                end(peer, queue, Sessions.Ending.STALL);
            }
        });
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
        senders.values().forEach(PeerSender::end);
        wire.close();
        tells.close();
        for (PeerSender sender : senders.values()) {
            sender.end();
            sender.close();
            SendQueue queue = sender.queue();
            if (queue != null) {
                queue.shut();
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
            PeerSender sender = senders.get(from);
            if (sender == null || !take(sender, new ByteReader(bytes, offset, offset + length), length)) {
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
            List<PeerSender> left = List.copyOf(gone);
            gone.clear();
            tells.add(() -> tellView(view, left));
            tells.add(() -> enter(view));
        }
    }

    private void tellView(View view, List<PeerSender> left) {
        left.forEach(PeerSender::close);
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

    private boolean take(PeerSender from, ByteReader in, int length) {
        Packet packet;
        List<byte[]> envelopes = List.of();
        try {
            Optional<Packet> read = Packet.read(in, from.peer(), self);
            if (read.isEmpty()) {
                return false;
            }
            packet = read.get();
            if (packet instanceof Packet.Batch) {
                envelopes = Packet.envelopes(in);
            }
        } catch (DecodeException e) {
            log.debug("A packet of {} is malformed: {}.", from.peer(), e.getMessage());
            return false;
        }
        boolean next;
        synchronized (sessions) {
            next = sessions.received(from.peer(), packet, SendQueue.cost(envelopes));
        }
        if (!(packet instanceof Packet.Batch)) {
            return true;
        }
        if (next) {
            counters.envelopesIn.add(from.deliver(envelopes, listener));
            counters.bytesIn.add(length);
        }
        return next;
    }

    /** What the sessions want done; inside their monitor. */
    private final class Performed implements Sessions.Actions {
        @Override
        public void entered(Peer peer) {
            senders.put(peer, new PeerSender(peer, turns, output, Math.min(BATCH, Math.max(1, capacity / 4))));
        }

        @Override
        public void left(Peer peer) {
            PeerSender sender = senders.remove(peer);
            if (sender != null) {
                sender.end();
                gone.add(sender);
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
            counters.opened.increment();
            SendQueue queue = new SendQueue(session, acceptance, capacity, time);
            PeerSender sender = senders.get(to);
            if (sender != null) {
                sender.queue(queue);
            }
            tells.add(() -> {
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
            tells.add(() -> {
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
                    counters.reset.increment();
                    log.warn(
                            "The session to {} ended: it does not have all that was sent. {} bytes may be lost.",
                            to,
                            lost);
                }
                case OVERFLOW -> {
                    counters.overflowed.increment();
                    log.warn("The session to {} ended: its queue and the reserve of it are full.", to);
                }
                case STALL -> {
                    counters.stalled.increment();
                    log.warn("The session to {} ended: it confirmed nothing for 8 s, {} bytes may be lost.", to, lost);
                }
            }
        }
    }

    /** Hands packets to the wire; on the threads of the senders. */
    private final class ToWire implements PeerSender.PacketOutput {
        @Override
        public void control(PeerSender to, Packet packet) throws InterruptedException {
            wire.send(to.peer(), packet.toBytes(self, to.peer()));
        }

        @Override
        public void batch(PeerSender to, SendQueue from, List<byte[]> envelopes) throws InterruptedException {
            long number;
            synchronized (sessions) {
                number = sessions.number(to.peer(), from.session());
            }
            if (number < 0) {
                return;
            }
            var head = new Packet.Batch(from.session(), from.acceptance(), number);
            byte[] packet = Packet.join(head, self, to.peer(), envelopes);
            counters.envelopesOut.add(envelopes.size());
            counters.bytesOut.add(packet.length);
            wire.send(to.peer(), packet);
        }
    }
}
