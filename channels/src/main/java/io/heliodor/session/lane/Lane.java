package io.heliodor.session.lane;

import io.heliodor.batch.WakeBatch;
import io.heliodor.session.telemetry.LaneTraffic;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One event loop and the queue that feeds it; it owns a set of connections.
 *
 * <p>A turn: entries of the queue are performed in order, broadcasts to one topic are joined into one buffer, channels whose
 * mailbox became non-empty are handed to one virtual thread together, each connection that was written to is flushed once,
 * and clients that had their share of the last turn are read again. See {@code docs/design/session.md}.
 */
public final class Lane {
    /** Lets the loop read and write in between when the queue is long. */
    private static final int MAX_ENTRIES_PER_TURN = 4096;

    /**
     * The bytes of a broadcast count for each member here: copying them to the sockets is most of a turn. Less would let the
     * replies of one connection wait for a pass of I/O for each large message of others.
     */
    private static final long MAX_BYTES_PER_TURN = LaneQueue.TURN;

    /** The limit in a turn for the cost of the messages of clients that wait to be read again. */
    private static final long MAX_READ_COST_PER_TURN = 1 << 20;

    private static final long MAX_UNMEASURED_BYTES = 4 << 20;

    /** How long a handler may hold up the others of its batch. */
    private static final long WATCH_NANOS = 500_000;

    private final Loop loop;
    private final LaneTraffic traffic;
    private final BooleanSupplier directIsShort;
    private final Runnable closeLargest;

    /** Starts a virtual thread for a batch or a channel. */
    private final Consumer<Runnable> threads;

    /** Null if no handler runs on the loop. */
    private final @Nullable LoopScheduler onLoop;

    private final LaneQueue queue = new LaneQueue();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final Runnable turn = this::turn;
    private final Runnable endPass = this::endPass;
    private final Runnable signal = this::signal;
    private final Runnable watch = this::watch;

    private final List<Runnable> ready = new ArrayList<>();
    private final List<Outbox> dirty = new ArrayList<>();
    private final List<PendingBatch> pendingBatches = new ArrayList<>();
    private final List<HandlerBatch> batches = new ArrayList<>();
    private final ArrayDeque<FlowControl> readers = new ArrayDeque<>();

    /** The batches that were handed to processors, and those that run or have run. */
    private long startedBatches;

    private final AtomicLong begunBatches = new AtomicLong();

    /** The batches that put wake-ups off, and those of them that have ended. */
    private long deferringBatches;

    private final AtomicLong endedBatches = new AtomicLong();

    /** The batch with the handlers of what was last read of the clients that had their share. */
    private long resumedBatch;

    /** Whether the next batch that begins signals the lane. */
    private volatile boolean awaitsBatch;

    private boolean watching;
    private boolean sheddingLoad;

    /** The bytes that went into buffers since the direct memory was measured. */
    private long unmeasured;

    private long turns;

    /** Whether a turn has run since the loop last read and wrote its sockets. */
    private boolean turned;

    /** Whether another turn is due after the next I/O. */
    private boolean turnDue;

    /**
     * A lane with an empty queue.
     *
     * @param loop the thread that runs it
     * @param traffic the figures of what it carries
     * @param directIsShort whether more direct memory is in use than may be; measured by each call
     * @param closeLargest closes the connections that hold most memory, on the loop
     * @param loopHandlers for the handlers that run on the loop; empty if none do
     */
    public Lane(
            Loop loop,
            LaneTraffic traffic,
            BooleanSupplier directIsShort,
            Runnable closeLargest,
            Optional<LoopHandlers> loopHandlers) {
        this(loop, traffic, directIsShort, closeLargest, HandlerBatch::startAlone, loopHandlers);
    }

    Lane(
            Loop loop,
            LaneTraffic traffic,
            BooleanSupplier directIsShort,
            Runnable closeLargest,
            Consumer<Runnable> threads,
            Optional<LoopHandlers> loopHandlers) {
        this.threads = threads;
        this.onLoop = loopHandlers
                .map(handlers -> new LoopScheduler(traffic, handlers))
                .orElse(null);
        this.loop = loop;
        this.traffic = traffic;
        this.directIsShort = directIsShort;
        this.closeLargest = closeLargest;
    }

    /** The thread that runs it. */
    public Loop loop() {
        return loop;
    }

    /** The figures of what it carries. */
    public LaneTraffic traffic() {
        return traffic;
    }

    /** The bytes that the entries of the queue are expected to write. */
    public long queuedBytes() {
        return queue.cost();
    }

    /** Closes the connections that hold most memory, after this turn. On the loop. */
    public void shedLoad() {
        if (!sheddingLoad) {
            sheddingLoad = true;
            add(new LaneEntry.Task(() -> {
                sheddingLoad = false;
                closeLargest.run();
            }));
        }
    }

    /** Adds an entry and never blocks; for entries that are few, or are added under a lock. Any thread. */
    public void add(LaneEntry entry) {
        queue.add(entry);
        if (!scheduled.get()) {
            WakeBatch.wake(signal);
        }
    }

    /** Adds a message to one client. A thread other than the loop's first waits as {@link #awaitCapacity} does. */
    public void enqueue(LaneEntry entry) {
        awaitCapacity();
        add(entry);
    }

    /**
     * Waits while the queue has no room for a message to one client, but never on the loop. A handler calls it without a lock,
     * and before it encodes: thousands of handlers that wait hold no messages then.
     */
    public void awaitCapacity() {
        await(queue.messages());
    }

    /** The same for a broadcast, whose room is another one. */
    public void awaitBroadcastCapacity() {
        await(queue.broadcasts());
    }

    /** Whether a broadcast would have to wait for room. Any thread. */
    public boolean isBroadcastFull() {
        return queue.broadcasts().full();
    }

    private void await(LaneQueue.Room room) {
        if (room.full() && !loop.inEventLoop() && !LoopBatch.holdsLoop()) {
            WakeBatch.flush();
            signal();
            room.await();
        }
    }

    /** Makes sure that a turn comes. It wakes the loop at most once before that turn. Any thread. */
    void signal() {
        // The plain read first: under load the flag is nearly always set, and a read is cheaper than an exchange. Both
        // have one test: another thread rarely sets the flag in between, so compiled code would leave that case out and
        // be thrown away when it comes.
        boolean due = scheduled.get();
        if (!due) {
            due = scheduled.getAndSet(true);
        }
        if (!due) {
            loop.execute(turn);
        }
    }

    /** Has a channel run with the others of this turn, since its mailbox became non-empty. On the loop. */
    public void ready(Runnable channel) {
        ready.add(channel);
        signal();
    }

    /** The same from an entry, in whose turn it is. */
    public void readyInTurn(Runnable channel) {
        ready.add(channel);
    }

    /**
     * Has a channel that had its share go on in a later turn, behind everything that was handed to handlers before. Any thread.
     *
     * <p>The loop starts its thread. A thread that is started by a virtual one goes into a queue of that one's processor,
     * which the scheduler of the JDK serves until it is empty: two channels that are never idle would keep every other one
     * waiting.
     */
    public void resumeLater(Runnable channel) {
        if (!loop.execute(() -> ready(channel))) {
            threads.accept(channel);
        }
    }

    /** Has a thread of the pool run a channel. Any thread. */
    public void startInPool(Runnable channel) {
        if (onLoop == null) {
            threads.accept(channel);
        } else {
            onLoop.startInPool(channel);
        }
    }

    /** Runs a task in a later turn; on the calling thread if the loop has ended. Any thread. */
    public void performLater(Runnable task) {
        // Not at once: the loop goes on with tasks as long as there are any, and would read no socket meanwhile.
        if (!loop.execute(() -> add(new LaneEntry.Task(task)))) {
            task.run();
        }
    }

    /** Has an outbox flushed at the end of the turn. On the loop. */
    void dirty(Outbox outbox) {
        dirty.add(outbox);
        signal();
    }

    /** Has a client that had its share of this turn read again, after those that wait already. On the loop. */
    void addReader(FlowControl client) {
        readers.add(client);
        signal();
    }

    /** The number of turns that have begun. On the loop. */
    long turns() {
        return turns;
    }

    /** Has a batch of broadcasts written at the end of the turn. On the loop. */
    public void addPendingBatch(PendingBatch batch) {
        pendingBatches.add(batch);
    }

    /** Whether nothing waits for a turn, nor for the end of a batch that puts wake-ups off. On the loop, between turns. */
    public boolean isIdle() {
        return queue.isEmpty()
                && ready.isEmpty()
                && dirty.isEmpty()
                && pendingBatches.isEmpty()
                && readers.isEmpty()
                && endedBatches.get() == deferringBatches;
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
        performEntries();
        flushBatches();
        startHandlers();
        for (int i = 0; i < dirty.size(); i++) {
            dirty.get(i).flush();
        }
        dirty.clear();
        if (onLoop != null) {
            onLoop.endTurn();
        }
        resumeReading();
    }

    /**
     * Reads the clients that had their share again, unless no processor has come to the handlers of what was read before: those
     * of clients that send little would wait behind all of it.
     */
    private void resumeReading() {
        if (readers.isEmpty() || processorsAreBehind()) {
            return;
        }
        resumedBatch = startedBatches + 1;
        long cost = 0;
        for (int left = readers.size(); left > 0 && cost < MAX_READ_COST_PER_TURN; left--) {
            FlowControl client = readers.remove();
            try {
                cost += client.resumeReading();
            } catch (Throwable e) {
                client.fault(e);
            }
        }
        if (!readers.isEmpty()) {
            signal();
        }
    }

    private boolean processorsAreBehind() {
        // First: a batch that begins in between signals.
        awaitsBatch = true;
        boolean behind = begunBatches.get() < Math.min(resumedBatch, startedBatches);
        awaitsBatch = behind;
        return behind;
    }

    /** A processor begins to run a batch of this lane. On its thread. */
    void batchBegins() {
        begunBatches.incrementAndGet();
        if (awaitsBatch) {
            signal();
        }
    }

    /** A batch has woken what it had put off. On its thread. */
    void batchEnded() {
        endedBatches.incrementAndGet();
        signal();
    }

    private void endPass() {
        turned = false;
        if (turnDue) {
            turnDue = false;
            loop.execute(turn);
        }
    }

    private void performEntries() {
        int taken = 0;
        long bytes = 0;
        for (LaneEntry entry = queue.poll(); entry != null; entry = queue.poll()) {
            try {
                entry.perform();
            } catch (Throwable e) {
                // A fault in one entry must not cost the others their turn.
                entry.fault(e);
            }
            bytes += entry.cost();
            if (++taken == MAX_ENTRIES_PER_TURN || bytes >= MAX_BYTES_PER_TURN) {
                signal();
                break;
            }
        }
        unmeasured += bytes;
        if (unmeasured >= MAX_UNMEASURED_BYTES) {
            unmeasured = 0;
            if (directIsShort.getAsBoolean()) {
                shedLoad();
            }
        }
    }

    private void flushBatches() {
        for (int i = 0; i < pendingBatches.size(); i++) {
            pendingBatches.get(i).flushBatch();
        }
        pendingBatches.clear();
    }

    private void startHandlers() {
        if (ready.isEmpty()) {
            return;
        }
        if (onLoop == null) {
            List<Runnable> all = List.copyOf(ready);
            ready.clear();
            startBatch(all);
            return;
        }
        List<LoopTask> here = new ArrayList<>();
        List<Runnable> pool = new ArrayList<>();
        for (Runnable channel : ready) {
            if (channel instanceof LoopTask task && task.startsOnLoop()) {
                here.add(task);
            } else {
                pool.add(channel);
            }
        }
        ready.clear();
        try {
            startBatch(pool);
        } finally {
            if (!here.isEmpty()) {
                runOnLoop(onLoop, here);
            }
        }
    }

    /** Runs channels on the loop, and performs what they write. A thread of the pool gets those that are left. */
    private void runOnLoop(LoopScheduler scheduler, List<LoopTask> channels) {
        // Their writes are performed below, and need no turn of their own.
        scheduled.set(true);
        List<LoopTask> left;
        try {
            left = scheduler.run(channels);
        } finally {
            scheduled.set(false);
        }
        startBatch(left);
        performEntries();
        flushBatches();
        if (!ready.isEmpty()) {
            signal();
        }
    }

    /** Runs handlers on the loop; empty if none run there. */
    Optional<LoopScheduler> onLoop() {
        return Optional.ofNullable(onLoop);
    }

    private void startBatch(List<? extends Runnable> channels) {
        if (channels.isEmpty()) {
            return;
        }
        HandlerBatch batch = new HandlerBatch(this, channels);
        if (batch.deferring()) {
            deferringBatches++;
            batches.add(batch);
            if (!watching) {
                watching = true;
                loop.schedule(watch, WATCH_NANOS);
            }
        }
        threads.accept(batch);
        startedBatches++;
    }

    /** Frees the channels that wait behind a blocked handler, and looks again while batches run. */
    private void watch() {
        try {
            batches.removeIf(HandlerBatch::releaseIfStuck);
        } finally {
            if (batches.isEmpty()) {
                watching = false;
            } else {
                signal();
                loop.schedule(watch, WATCH_NANOS);
            }
        }
    }
}
