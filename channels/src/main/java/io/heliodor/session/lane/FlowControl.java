package io.heliodor.session.lane;

import io.heliodor.limit.SessionLimits;
import io.heliodor.session.budget.ConnectionMemory;
import io.heliodor.session.budget.EndpointBudget;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

/**
 * The decision whether one client is read. It is not read while it, or all clients together, hold too much memory, while a
 * mailbox of its channels is full, and after its share of a turn.
 *
 * <p>Used on the lane's thread, except where stated. See {@code docs/design/flow.md}.
 */
public final class FlowControl {
    /** A client that holds less is read even while the endpoint is short of memory. */
    private static final long MIN_PAUSE_BYTES = 16 << 10;

    /** A payload that takes less when it is decoded is always decoded: a paused client has few of them. */
    private static final long MIN_DECODED_BYTES = 64 << 10;

    /** A client whose messages cost more since the last turn lets the others go first. */
    public static final long MAX_COST_PER_TURN = 256 << 10;

    /** The cost of a message in addition to its bytes. */
    public static final long MESSAGE_COST = 128;

    private static final AtomicReferenceFieldUpdater<FlowControl, Reading> READING =
            AtomicReferenceFieldUpdater.newUpdater(FlowControl.class, Reading.class, "reading");

    private final ConnectionOwner owner;
    private final EndpointBudget budget;
    private final Lane lane;
    private final Connection connection;
    private final ConnectionMemory memory;

    /** Whether the client is not read because it, or all together, hold too much. */
    private volatile Reading reading = Reading.ON;

    private enum Reading {
        ON,
        OFF,
        /** Off, and a task that looks again is in the lane's queue. */
        RESUMING
    }

    private int fullMailboxes;
    private long pausedSince;

    /** The turn that {@link #cost} belongs to. */
    private long turn;

    private long cost;

    /** Whether it is in the lane's queue of clients that wait to be read again. */
    private boolean waiting;

    public FlowControl(ConnectionOwner owner, EndpointBudget budget, Lane lane, Connection connection) {
        this.owner = owner;
        this.budget = budget;
        this.lane = lane;
        this.connection = connection;
        this.memory = new ConnectionMemory(budget.memory());
    }

    /** The heap that is held for this client. Any thread may use it. */
    public ConnectionMemory memory() {
        return memory;
    }

    /** The budget of the endpoint. Any thread. */
    public EndpointBudget budget() {
        return budget;
    }

    /** The limits of the session. Any thread. */
    public SessionLimits limits() {
        return budget.limits();
    }

    /** The counters of the endpoint. Any thread. */
    public Counters counters() {
        return budget.counters();
    }

    /** Whether it is not read, because a mailbox is full or too much memory is held. */
    public boolean paused() {
        return fullMailboxes > 0 || reading != Reading.ON;
    }

    /** Whether its handlers have kept it paused for longer than a mailbox may be full. */
    public boolean handlersAreStuck(long now, long outboxBytes) {
        // A client that reads slowly is judged by its outbox.
        boolean handlers = fullMailboxes > 0 || memory.transientBytes() - outboxBytes >= pauseThreshold();
        return paused()
                && handlers
                && now - pausedSince >= limits().mailboxTimeout().toNanos();
    }

    /** Brings the memory up to date, and resumes the reading if a release was missed. */
    public void sweep() {
        memory.settle();
        if (reading == Reading.OFF && memory.transientBytes() < resumeThreshold()) {
            resumeLater();
        }
    }

    /** Ends the connection for a fault of the server. */
    void fault(Throwable fault) {
        owner.fault(fault);
    }

    // Its share of a turn.

    /** Counts a message that was read. At the end of its share the client waits for {@link #resumeReading}. */
    public void received(int bytes) {
        resetCostInNewTurn();
        cost += bytes + MESSAGE_COST;
        if (cost >= MAX_COST_PER_TURN && !waiting && !owner.closed()) {
            waiting = true;
            connection.reading(false);
            lane.addReader(this);
        }
    }

    private void resetCostInNewTurn() {
        if (turn != lane.turns()) {
            turn = lane.turns();
            cost = 0;
        }
    }

    /** Reads the client again after a wait for others. Returns the cost of the messages that were read at once. */
    long resumeReading() {
        resetCostInNewTurn();
        waiting = false;
        resumeIfAllowed();
        return cost;
    }

    // Its memory.

    /** Counts bytes that are held for the client until they are {@linkplain #release released}. */
    public void hold(long bytes) {
        memory.add(bytes);
        checkMemory();
    }

    /**
     * Whether a payload may be decoded that takes so much heap beyond the bytes of its frame: it is small, or does not make the memory
     * of the endpoint tight, which would keep all others out.
     */
    public boolean admits(long decodedBytes) {
        return decodedBytes < MIN_DECODED_BYTES || budget.memory().hasRoom(decodedBytes);
    }

    /** Bytes are not held any more; the client may be read again. Any thread. */
    public void release(long bytes) {
        memory.release(bytes);
        if (memory.transientBytes() < resumeThreshold() && reading == Reading.OFF) {
            resumeLater();
        }
    }

    /** Whether it holds so much that it is not read. Any thread. */
    public boolean holdsTooMuch() {
        return memory.transientBytes() >= pauseThreshold();
    }

    /** Never less than four messages: the rest of a message must come in while others wait. */
    private long pauseThreshold() {
        return Math.max(budget.connectionBytes() / 4, 4L * limits().maxMessageBytes());
    }

    private long resumeThreshold() {
        return budget.memory().tight() ? MIN_PAUSE_BYTES / 2 : pauseThreshold() / 2;
    }

    private void resumeLater() {
        if (READING.compareAndSet(this, Reading.OFF, Reading.RESUMING)) {
            owner.onLane(this::resume);
        }
    }

    private void resume() {
        if (!owner.closed() && memory.transientBytes() >= resumeThreshold()) {
            reading = Reading.OFF;
            // A release in between found no OFF to act on.
            if (memory.transientBytes() < resumeThreshold()) {
                resumeLater();
            }
            return;
        }
        reading = Reading.ON;
        resumeIfAllowed();
    }

    /** Stops the reading if too much memory is held. To be called after something was added. */
    public void checkMemory() {
        long held = memory.transientBytes();
        if (held < MIN_PAUSE_BYTES
                || (held < pauseThreshold() && !budget.memory().tight())) {
            return;
        }
        if (budget.memory().exhausted()) {
            lane.shedLoad();
        }
        if (READING.compareAndSet(this, Reading.ON, Reading.OFF)) {
            counters().increment(Counter.READS_PAUSED);
            pause();
            if (memory.transientBytes() < resumeThreshold()) {
                resumeLater();
            }
        }
    }

    // Its mailboxes.

    /** Stops the reading until a mailbox that is full has room. */
    public void mailboxFull() {
        if (fullMailboxes++ == 0) {
            pause();
        }
    }

    /** A mailbox has room again. Any thread. */
    public void mailboxDrained() {
        // In a later turn, on the loop as well: reading brings frames, and the caller is in the middle of the end of a
        // channel.
        owner.onLane(() -> {
            fullMailboxes--;
            resumeIfAllowed();
        });
    }

    private void pause() {
        if (!owner.closed()) {
            pausedSince = budget.now();
            connection.reading(false);
        }
    }

    private void resumeIfAllowed() {
        if (!owner.closed() && !paused() && !waiting) {
            connection.reading(true);
        }
    }
}
