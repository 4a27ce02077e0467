package io.heliodor.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One thread that owns a set of connections, and the one queue that feeds it.
 *
 * <p>A turn: entries of the queue are taken in order, broadcasts to one topic are joined into one buffer, channels
 * whose mailbox became non-empty are handed to one virtual thread together, each connection that was written to is
 * flushed once, and clients that had their share of the last turn are read on. See {@code docs/design/session.md}.
 */
public final class Lane {
    /** Lets the loop read and write in between when the queue is long. */
    private static final int MAX_ENTRIES_PER_TURN = 4096;

    /**
     * The bytes of a broadcast count for each member here: copying them to the sockets is most of a turn. Less would let the
     * replies of one connection wait for a pass of I/O for each large message of others.
     */
    private static final long MAX_BYTES_PER_TURN = 8 << 20;

    /** The limit in a turn for the cost of the messages of clients that wait to be read on. */
    private static final long MAX_READ_COST_PER_TURN = 1 << 20;

    private static final long MAX_UNMEASURED_BYTES = 4 << 20;

    /** How long a handler may hold up the others of its batch. */
    private static final long WATCH_NANOS = 500_000;

    private final Loop loop;
    private final Counts counts;
    private final Traffic traffic;
    private final Relief relief;
    private final HandlerWatch handlers = new HandlerWatch();
    private final LaneQueue queue = new LaneQueue();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final Runnable turn = this::turn;
    private final Runnable endPass = this::endPass;
    private final Runnable watch = this::watch;

    private final List<ChannelProcess<?, ?>> ready = new ArrayList<>();
    private final List<Outbox> dirty = new ArrayList<>();
    private final List<Members> pendingBatches = new ArrayList<>();
    private final List<HandlerBatch> batches = new ArrayList<>();
    private final ArrayDeque<Session<?>> readers = new ArrayDeque<>();
    private boolean watching;
    private boolean relieving;

    /** Bytes that went into buffers since the direct memory was measured. */
    private long unmeasured;

    /** How many turns have begun. */
    private long turns;

    /** Whether a turn has run since the loop last read and wrote its sockets. */
    private boolean turned;

    /** Whether another turn is due after the next I/O. */
    private boolean turnDue;

    private final List<Session<?>> sessions = new ArrayList<>();

    /**
     * A lane without connections.
     *
     * @param loop the thread that runs it
     * @param counts where it counts
     * @param relief closes connections when memory is short
     */
    public Lane(Loop loop, Counts counts, Relief relief) {
        this.loop = loop;
        this.relief = relief;
        this.counts = counts;
        this.traffic = counts.traffic();
    }

    /**
     * The thread that runs it.
     *
     * @return the loop
     */
    public Loop loop() {
        return loop;
    }

    /**
     * Looks at every connection's clocks. Called on the loop, a few times within the shortest of the {@code Limits}.
     *
     * @param now the present time, monotonic, in nanoseconds
     */
    public void sweep(long now) {
        long outboxes = 0;
        int paused = 0;
        for (int i = sessions.size() - 1; i >= 0; i--) {
            Session<?> session = sessions.get(i);
            try {
                session.sweep(now);
                if (!session.closed()) {
                    outboxes += session.outbox().bytes();
                    paused += session.flow().paused() ? 1 : 0;
                    handlers.look(session, now);
                }
            } catch (Throwable e) {
                session.fault(e);
            }
        }
        traffic.swept(outboxes, queue.bytes(), paused, handlers.swept(now));
        relief.sweep(sessions, now);
    }

    /** The endpoint is out of memory; after this turn the connections that hold most are closed. On the loop. */
    void relieve() {
        if (!relieving) {
            relieving = true;
            add(new Entry.Task(() -> {
                relieving = false;
                relief.close(sessions);
            }));
        }
    }

    /** Finds its handlers that do not return. */
    HandlerWatch handlers() {
        return handlers;
    }

    /** What it has carried. */
    Traffic traffic() {
        return traffic;
    }

    /**
     * Does something with every connection. Called on the loop.
     *
     * @param action what to do; it may close the connection. A connection for which it throws is closed with 1011.
     */
    public void forEachSession(java.util.function.Consumer<Session<?>> action) {
        for (int i = sessions.size() - 1; i >= 0; i--) {
            Session<?> session = sessions.get(i);
            try {
                action.accept(session);
            } catch (Throwable e) {
                session.fault(e);
            }
        }
    }

    void add(Session<?> session) {
        session.index = sessions.size();
        sessions.add(session);
    }

    void remove(Session<?> session) {
        Session<?> last = sessions.removeLast();
        if (last != session) {
            sessions.set(session.index, last);
            last.index = session.index;
        }
    }

    /** Adds an entry and never waits; for what is not bounded by a publisher's pace, or is enqueued under a lock. */
    void add(Entry entry) {
        queue.add(entry);
        if (!HandlerBatch.defers(this)) {
            signal();
        }
    }

    /** Adds an entry; a thread other than the loop's first waits while the queue is over its bound. */
    void enqueue(Entry entry) {
        awaitCapacity();
        add(entry);
    }

    /**
     * Waits while the queue is over its bound; on the loop it does not. For a publisher, without a lock, and before it encodes:
     * thousands of publishers that wait hold no messages then.
     */
    void awaitCapacity() {
        if (queue.full() && !loop.inEventLoop()) {
            signal();
            queue.awaitRoom();
        }
    }

    /** Sees to it that a turn comes. One wake-up at the most, however often it is called before that turn. */
    void signal() {
        // The plain read first: under load the flag is nearly always set, and a read is cheaper than an exchange.
        if (!scheduled.get() && !scheduled.getAndSet(true)) {
            loop.execute(turn);
        }
    }

    /** The mailbox of an idle channel became non-empty: the channel runs with the others of this turn. On the loop. */
    void ready(ChannelProcess<?, ?> channel) {
        ready.add(channel);
        signal();
    }

    /** A connection was written to. On the loop. */
    void dirty(Outbox outbox) {
        dirty.add(outbox);
        signal();
    }

    /** A client had its share of this turn; it is read on after those that wait already. On the loop. */
    void addReader(Session<?> session) {
        readers.add(session);
        signal();
    }

    /** How many turns have begun. On the loop. */
    long turns() {
        return turns;
    }

    /** Some members have a batch of broadcasts that waits for the end of the turn. On the loop. */
    void hasBatch(Members members) {
        pendingBatches.add(members);
    }

    /** Whether nothing waits for a turn. On the loop, between turns. */
    boolean empty() {
        return queue.isEmpty() && ready.isEmpty() && dirty.isEmpty() && pendingBatches.isEmpty() && readers.isEmpty();
    }

    private void turn() {
        if (turned) {
            // Stays scheduled. The sockets come first: otherwise signals without pause would keep them unwritten.
            turnDue = true;
            return;
        }
        turned = true;
        turns++;
        loop.afterTasks(endPass);
        // Cleared before the queue is read: an entry added from here on brings a turn of its own.
        scheduled.set(false);
        takeEntries();
        for (int i = 0; i < pendingBatches.size(); i++) {
            pendingBatches.get(i).flushBatch();
        }
        pendingBatches.clear();
        startBatch();
        for (int i = 0; i < dirty.size(); i++) {
            dirty.get(i).flush();
        }
        dirty.clear();
        readOn();
    }

    private void readOn() {
        long cost = 0;
        for (int left = readers.size(); left > 0 && cost < MAX_READ_COST_PER_TURN; left--) {
            Session<?> session = readers.remove();
            try {
                cost += session.flow().readOn();
            } catch (Throwable e) {
                session.fault(e);
            }
        }
        if (!readers.isEmpty()) {
            signal();
        }
    }

    private void endPass() {
        turned = false;
        if (turnDue) {
            turnDue = false;
            loop.execute(turn);
        }
    }

    private void takeEntries() {
        int taken = 0;
        long bytes = 0;
        for (Entry entry = queue.poll(); entry != null; entry = queue.poll()) {
            perform(entry);
            bytes += entry instanceof Entry.ToMembers broadcast
                    ? (long) entry.bytes() * broadcast.members.size()
                    : entry.bytes();
            if (++taken == MAX_ENTRIES_PER_TURN || bytes >= MAX_BYTES_PER_TURN) {
                signal();
                break;
            }
        }
        unmeasured += bytes;
        if (unmeasured >= MAX_UNMEASURED_BYTES) {
            unmeasured = 0;
            if (relief.directIsShort()) {
                relieve();
            }
        }
    }

    /** A fault in one entry must not cost the others their turn. */
    private void perform(Entry entry) {
        try {
            take(entry);
        } catch (Throwable e) {
            entry.fault(e);
        }
    }

    private void take(Entry entry) {
        switch (entry) {
            case Entry.ToMembers broadcast -> broadcast.members.accept(broadcast);
            case Entry.Direct direct -> {
                if (!direct.channel.write(direct.message, direct.slowDelivery)) {
                    counts.increment(Count.WRITES_AFTER_END);
                }
            }
            case Entry.ForConnection own -> own.session.write(own.message);
            case Entry.Large large -> large.channel.write(large.streamed);
            case Entry.Joined joined -> joined.channel.joined(joined.members, joined.recovery);
            case Entry.Ended ended -> ended.channel.ended(ended.last);
            case Entry.Ready waiting -> ready.add(waiting.channel);
            case Entry.Task task -> task.task.run();
            case Entry.Stub stub -> throw new AssertionError("the queue gave out its mark");
        }
    }

    private void startBatch() {
        if (ready.isEmpty()) {
            return;
        }
        HandlerBatch batch = new HandlerBatch(this, List.copyOf(ready));
        ready.clear();
        if (batch.deferring()) {
            batches.add(batch);
            if (!watching) {
                watching = true;
                loop.schedule(watch, WATCH_NANOS);
            }
        }
        batch.start();
    }

    /** A batch whose present handler makes no progress gives the others away; what it wrote meanwhile goes out. */
    private void watch() {
        batches.removeIf(HandlerBatch::releaseIfStuck);
        if (batches.isEmpty()) {
            watching = false;
        } else {
            signal();
            loop.schedule(watch, WATCH_NANOS);
        }
    }
}
