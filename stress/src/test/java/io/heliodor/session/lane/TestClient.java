package io.heliodor.session.lane;

import io.heliodor.limit.SessionLimits;
import io.heliodor.session.budget.EndpointBudget;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import io.heliodor.wire.Slice;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The flow control of a client without a socket. An actor or the arbiter runs the tasks for its lane. */
public final class TestClient implements ConnectionOwner, Connection {
    private static final long CONNECTION_BYTES = 80_000;

    private final Counters counters = new Counters();
    private final MemoryBudget memory = new MemoryBudget(1 << 30);
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final FlowControl flow;
    private boolean reading = true;

    /**
     * A client that is read.
     *
     * @param maxMailboxMessages the capacity of each mailbox
     */
    public TestClient(int maxMailboxMessages) {
        Duration minute = Duration.ofMinutes(1);
        SessionLimits limits = new SessionLimits(1 << 10, 10, maxMailboxMessages, minute, minute, minute);
        EndpointBudget budget = new EndpointBudget(() -> 0, limits, CONNECTION_BYTES, memory, counters);
        this.flow = new FlowControl(this, budget, new LoopTasks().lane(), this);
    }

    /** The flow control of the client. */
    public FlowControl flow() {
        return flow;
    }

    /** The budget of its endpoint, which has no other client. */
    public MemoryBudget memory() {
        return memory;
    }

    /** The mails that are counted as waiting. */
    public long waitingMails() {
        return counters.get(Counter.MAILBOX_MESSAGES);
    }

    /** Runs the tasks that wait for the lane. One thread at a time. */
    public void runTasks() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /** Runs the tasks, and returns whether the client is read then: {@code read} or {@code paused}. */
    public String reading() {
        runTasks();
        return reading && !flow.paused() ? "read" : "paused";
    }

    @Override
    public boolean closed() {
        return false;
    }

    @Override
    public void fault(Throwable fault) {
        throw new AssertionError(fault);
    }

    @Override
    public void onLane(Runnable task) {
        tasks.add(task);
    }

    @Override
    public void tooSlow(long bytes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void reading(boolean on) {
        reading = on;
    }

    @Override
    public void write(byte[] message) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void write(List<Slice> piece, boolean first, boolean last) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void write(Loop.Shared messages) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void flush() {}

    @Override
    public boolean writable() {
        return true;
    }

    @Override
    public long pending() {
        return 0;
    }

    @Override
    public long taken() {
        return 0;
    }

    @Override
    public long progress() {
        return 0;
    }

    @Override
    public void endInput() {}

    @Override
    public boolean check() {
        return false;
    }

    @Override
    public void sweepNext() {}

    @Override
    public void close(int code, String reason) {
        throw new UnsupportedOperationException();
    }
}
