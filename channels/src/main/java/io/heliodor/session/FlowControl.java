package io.heliodor.session;

import java.util.concurrent.atomic.AtomicReference;

/**
 * Decides whether one client is read. It is not read while it, or all clients together, hold too much memory, while a
 * mailbox of its channels is full, and after its share of a turn.
 *
 * <p>Used on the lane's thread, except where stated. See {@code docs/design/flow.md}.
 */
final class FlowControl {
    /** A client that holds less is read even while the endpoint is short of memory. */
    private static final long FAIR_BYTES = 16 << 10;

    /** A client whose messages cost more since the last turn lets the others go first. */
    static final long MAX_COST_PER_TURN = 256 << 10;

    /** The cost of a message in addition to its bytes. */
    static final long MESSAGE_COST = 128;

    private final Session<?> session;
    private final Hub hub;
    private final Lane lane;
    private final Connection connection;
    private final ConnectionMemory memory;

    /** Whether the client is not read because it, or all together, hold too much. */
    private final AtomicReference<Reading> reading = new AtomicReference<>(Reading.ON);

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

    /** Whether it is in the lane's queue of clients that wait to be read on. */
    private boolean waiting;

    FlowControl(Session<?> session, Hub hub, Lane lane, Connection connection) {
        this.session = session;
        this.hub = hub;
        this.lane = lane;
        this.connection = connection;
        this.memory = new ConnectionMemory(hub.memory());
    }

    /** The heap that is held for this client. Any thread may use it. */
    ConnectionMemory memory() {
        return memory;
    }

    /** Whether it is not read, since a mailbox is full or too much is held. */
    boolean paused() {
        return fullMailboxes > 0 || reading.get() != Reading.ON;
    }

    /** Whether its handlers have kept it paused for longer than a mailbox may be full. */
    boolean stuck(long now, long outboxBytes) {
        // A client that reads slowly is judged by its outbox.
        boolean handlers = fullMailboxes > 0 || memory.passing() - outboxBytes >= pauseAt();
        return paused()
                && handlers
                && now - pausedSince >= hub.sessionLimits().mailboxTimeout().toNanos();
    }

    /** Brings the memory up to date, and resumes the reading if a release was missed. */
    void sweep() {
        memory.settle();
        if (reading.get() == Reading.OFF && memory.passing() < mayResumeBelow()) {
            resumeLater();
        }
    }

    // Its share of a turn.

    /** A message was taken. At the end of its share the client waits until the lane calls {@link #readOn}. */
    void received(int bytes) {
        startShare();
        cost += bytes + MESSAGE_COST;
        if (cost >= MAX_COST_PER_TURN && !waiting && !session.closed()) {
            waiting = true;
            connection.reading(false);
            lane.addReader(session);
        }
    }

    private void startShare() {
        if (turn != lane.turns()) {
            turn = lane.turns();
            cost = 0;
        }
    }

    /** Reads on after a wait for the other clients; returns what the messages cost that were taken at once. */
    long readOn() {
        startShare();
        waiting = false;
        readAgain();
        return cost;
    }

    // Its memory.

    /** A mail is held until {@link #release(Mail)}. Any thread. */
    void hold(Mail mail) {
        memory.add(mail.bytes());
    }

    /** A mail is not held any more. Any thread. */
    void release(Mail mail) {
        mail.dispose();
        release(mail.bytes());
    }

    /** Holds bytes that the client sent. */
    void hold(long bytes) {
        memory.add(bytes);
        checkMemory();
    }

    /** Bytes are not held any more; the client may be read again. Any thread. */
    void release(long bytes) {
        memory.release(bytes);
        if (memory.passing() < mayResumeBelow() && reading.get() == Reading.OFF) {
            resumeLater();
        }
    }

    /** Whether it holds so much that it is not read. Any thread. */
    boolean holdsTooMuch() {
        return memory.passing() >= pauseAt();
    }

    /** Never less than four messages: the rest of a message must come in while others wait. */
    private long pauseAt() {
        return Math.max(hub.connectionBytes() / 4, 4L * hub.sessionLimits().maxMessageBytes());
    }

    private long mayResumeBelow() {
        return hub.memory().tight() ? FAIR_BYTES / 2 : pauseAt() / 2;
    }

    private void resumeLater() {
        if (reading.compareAndSet(Reading.OFF, Reading.RESUMING)) {
            session.onLane(this::resume);
        }
    }

    private void resume() {
        if (!session.closed() && memory.passing() >= mayResumeBelow()) {
            reading.set(Reading.OFF);
            // A release in between found no OFF to act on.
            if (memory.passing() < mayResumeBelow()) {
                resumeLater();
            }
            return;
        }
        reading.set(Reading.ON);
        readAgain();
    }

    /** Stops the reading if too much is held. To be called after something was added. */
    void checkMemory() {
        long held = memory.passing();
        if (held < FAIR_BYTES || (held < pauseAt() && !hub.memory().tight())) {
            return;
        }
        if (hub.memory().exhausted()) {
            lane.relieve();
        }
        if (reading.compareAndSet(Reading.ON, Reading.OFF)) {
            hub.counts().increment(Count.READS_PAUSED);
            pause();
            if (memory.passing() < mayResumeBelow()) {
                resumeLater();
            }
        }
    }

    // Its mailboxes.

    /** A mailbox reached its bound: no frame is read until it has room. */
    void mailboxFull() {
        if (fullMailboxes++ == 0) {
            pause();
        }
    }

    /** A mailbox has room again. Any thread may call it. */
    void mailboxDrained() {
        // Not at once, on the loop neither: reading on brings frames, and the caller is in the middle of a channel's
        // end.
        session.onLane(() -> {
            fullMailboxes--;
            readAgain();
        });
    }

    private void pause() {
        if (!session.closed()) {
            pausedSince = hub.now();
            connection.reading(false);
        }
    }

    private void readAgain() {
        if (!session.closed() && !paused() && !waiting) {
            connection.reading(true);
        }
    }
}
