package io.heliodor.session.lane;

import io.heliodor.session.budget.EndpointBudget;
import io.heliodor.session.telemetry.Counter;
import org.jspecify.annotations.Nullable;

/**
 * The messages that wait for one client, limited in bytes and in time. Used on the lane's thread alone.
 *
 * <p>While the socket keeps up, messages go to the connection immediately and are flushed once at the end of the turn.
 * Otherwise they wait here. A message is refused when {@code connectionBytes} wait before it, and the connection is closed.
 * See {@code docs/design/flow.md}.
 */
public final class Outbox {
    /** The heap of a waiting message in addition to its own bytes. */
    private static final long OVERHEAD = 64;

    /** Messages that wait for a shorter time are a burst, and not a sign of a slow client. */
    private static final long LAG_THRESHOLD_NANOS = 250_000_000;

    private final ConnectionOwner owner;
    private final FlowControl flow;
    private final EndpointBudget budget;
    private final Lane lane;
    private final Connection connection;

    /** Null while nothing waits. */
    private @Nullable Backlog waiting;

    private boolean dirty;

    /** Whether the next sweep looks at the connection anyway. */
    private boolean swept;

    private boolean closed;

    /** The time since which messages wait without a break, as {@link #updateLag} found it; 0 if none do. */
    private long laggingSince;

    /** Null while nothing waits. */
    private @Nullable ReaderPace pace;

    public Outbox(ConnectionOwner owner, FlowControl flow, Lane lane, Connection connection) {
        this.owner = owner;
        this.flow = flow;
        this.budget = flow.budget();
        this.lane = lane;
        this.connection = connection;
    }

    /** Writes or queues a message for this client alone. */
    public void offer(byte[] message) {
        if (offerBroadcast(message)) {
            owner.sent(message);
        }
    }

    /** The same for a broadcast, which traces get from its topic. Returns whether the client is to get it. */
    public boolean offerBroadcast(byte[] message) {
        if (direct(message.length)) {
            write(message);
        } else if (closed) {
            return false;
        } else {
            hold(message);
            queue().add(message);
        }
        lane.traffic().sent(1, message.length);
        return true;
    }

    /** Writes or queues a message for this client alone; a lagging client gets it as its slow delivery defines. */
    public void offer(byte[] message, SlowDelivery slowDelivery) {
        if (offerBroadcast(message, slowDelivery)) {
            owner.sent(message);
        }
    }

    /** The same for a broadcast, which traces get from its topic. Returns whether the client is to get it. */
    public boolean offerBroadcast(byte[] message, SlowDelivery slowDelivery) {
        if (droppedOrReplaced(message, message.length, slowDelivery)) {
            return false;
        }
        if (direct(message.length)) {
            write(message);
        } else if (closed) {
            return false;
        } else {
            add(message, slowDelivery);
        }
        lane.traffic().sent(1, message.length);
        return true;
    }

    /** The same for messages that many clients share. */
    public void offer(Loop.Shared messages, SlowDelivery slowDelivery) {
        if (droppedOrReplaced(messages, messages.bytes(), slowDelivery)) {
            return;
        }
        if (direct(messages.bytes())) {
            write(messages);
        } else if (!closed) {
            messages.retain();
            add(messages, slowDelivery);
        }
    }

    private void add(Object message, SlowDelivery slowDelivery) {
        hold(message);
        switch (slowDelivery) {
            case SlowDelivery.Dropped dropped -> queue().add(message);
            case SlowDelivery.Latest latest -> queue().add(message, latest);
        }
    }

    /** Whether a client lags, so that a message was dropped or has replaced one that waits. */
    private boolean droppedOrReplaced(Object message, int bytes, SlowDelivery slowDelivery) {
        updateLag();
        if (closed || !isLagging()) {
            return false;
        }
        return switch (slowDelivery) {
            case SlowDelivery.Dropped dropped -> {
                budget.counters().increment(Counter.SLOW_DROPPED);
                yield true;
            }
            case SlowDelivery.Latest latest ->
                waiting != null && replaced(waiting, waiting.replace(message, latest), message, bytes);
        };
    }

    /** Records whether the socket keeps up. Not called for messages that are written immediately. */
    private void updateLag() {
        if (waiting == null && connection.writable()) {
            laggingSince = 0;
        } else if (laggingSince == 0) {
            long now = budget.now();
            laggingSince = now == 0 ? 1 : now;
        }
    }

    /**
     * Whether the client does not keep up: messages have waited for a while, or so many that the limit is near. A short wait is
     * not a sign of that: a burst is flushed at the end of the turn, and some kinds of I/O take it some turns later.
     */
    private boolean isLagging() {
        if (laggingSince == 0) {
            return false;
        }
        if (budget.now() - laggingSince >= LAG_THRESHOLD_NANOS) {
            return true;
        }
        if (!isNearLimit()) {
            return false;
        }
        flush();
        return isNearLimit();
    }

    private boolean isNearLimit() {
        return bytes() >= Math.min(ReaderPace.SLOW_BYTES, budget.connectionBytes()) / 2;
    }

    private boolean replaced(Backlog queue, @Nullable Object old, Object message, int bytes) {
        if (old == null) {
            return false;
        }
        int less = release(queue, old);
        hold(message);
        if (message instanceof Loop.Shared messages) {
            messages.retain();
        }
        queue.bytes -= less;
        boolean wasFull = isFull();
        queue.bytes += bytes;
        budget.counters().increment(Counter.SLOW_REPLACED);
        if (wasFull && bytes > less) {
            owner.tooSlow(bytes());
        }
        return true;
    }

    /** Counts the heap of a message that waits; the bytes of shared messages are in direct memory. */
    private void hold(Object message) {
        long bytes = heapBytes(message);
        queue().heap += bytes;
        flow.hold(bytes);
    }

    private static long heapBytes(Object message) {
        return OVERHEAD
                + switch (message) {
                    case byte[] own -> own.length;
                    case Replay replay -> (long) replay.messages() * Long.BYTES;
                    default -> 0;
                };
    }

    /** Gives back a message that waited. Returns its bytes. */
    private int release(Backlog queue, Object message) {
        long heapBytes = heapBytes(message);
        queue.heap -= heapBytes;
        flow.release(heapBytes);
        return switch (message) {
            case byte[] own -> own.length;
            case Loop.Shared messages -> {
                int bytes = messages.bytes();
                messages.release();
                yield bytes;
            }
            case StreamedMessage streamed -> {
                streamed.dispose();
                yield 0;
            }
            case Replay replay -> {
                replay.dispose();
                yield 0;
            }
            case Object other -> throw new AssertionError(other);
        };
    }

    /**
     * Queues the messages of a history that the client missed. They may be more than {@code connectionBytes}: they are the
     * history's own, not copies for this client, so they do not count for that limit. Messages after them do.
     */
    public void replay(Replay replay) {
        if (closed) {
            replay.dispose();
            return;
        }
        owner.sent(replay);
        markDirty();
        queue().replayBytes += replay.bytes();
        hold(replay);
        queue().add(replay);
    }

    /**
     * Queues a large message. Its payload is shared and does not count for the limit in bytes. The number of such messages is
     * limited instead: a client that reads has at most one for each channel.
     */
    public void offer(StreamedMessage streamed) {
        if (closed) {
            streamed.dispose();
            return;
        }
        markDirty();
        if (waiting != null && waiting.streamed >= budget.limits().maxChannels()) {
            streamed.dispose();
            owner.tooSlow(bytes());
        } else {
            owner.sent(streamed);
            queue().streamed++;
            hold(streamed);
            queue().add(streamed);
            lane.traffic().sent(1, streamed.length());
        }
    }

    /** Whether another replay may wait: always a first one, and others up to a limit for all. */
    public boolean acceptsReplay(long bytes, long limit) {
        return waiting == null || waiting.replayBytes == 0 || waiting.replayBytes + bytes <= limit;
    }

    /** Writes or queues messages that many clients share. The caller counts them, once for all clients. */
    public void offer(Loop.Shared messages) {
        if (direct(messages.bytes())) {
            write(messages);
        } else if (!closed) {
            messages.retain();
            hold(messages);
            queue().add(messages);
        }
    }

    /** Writes messages that many clients share if nothing waits and the socket keeps up. Returns whether it did. */
    public boolean writeNow(Loop.Shared messages) {
        if (closed || waiting != null || !connection.writable()) {
            return false;
        }
        laggingSince = 0;
        markDirty();
        write(messages);
        return true;
    }

    /** Whether a message may go to the connection immediately. If not, it was counted as waiting or refused. */
    private boolean direct(int bytes) {
        if (closed) {
            budget.counters().increment(Counter.WRITES_AFTER_END);
            return false;
        }
        if (waiting == null && connection.writable()) {
            markDirty();
            return true;
        }
        updateLag();
        if (isFull()) {
            // A burst within one turn fills the queue though the socket has room, so flush before refusing.
            flush();
            if (closed) {
                return false;
            }
            if (waiting == null && connection.writable()) {
                markDirty();
                return true;
            }
            if (isFull()) {
                owner.tooSlow(bytes());
                return false;
            }
        }
        queue().bytes += bytes;
        markDirty();
        return false;
    }

    private boolean isFull() {
        return bytes() >= budget.connectionBytes();
    }

    private void markDirty() {
        if (!dirty) {
            dirty = true;
            lane.dirty(this);
            if (!swept) {
                swept = true;
                owner.sweepNext();
            }
        }
    }

    private Backlog queue() {
        if (waiting == null) {
            waiting = new Backlog();
        }
        return waiting;
    }

    /** Writes as much as the socket accepts. Called at the end of a turn, and when the socket accepts more. */
    public void flush() {
        dirty = false;
        if (closed) {
            return;
        }
        try {
            flushWaiting();
        } catch (Throwable e) {
            messageLost(e);
        }
        if (laggingSince != 0) {
            updateLag();
        }
    }

    private void flushWaiting() {
        connection.flush();
        while (waiting != null && connection.writable()) {
            while (waiting != null && connection.writable()) {
                writeNext(waiting);
                if (waiting.isEmpty()) {
                    waiting = null;
                }
            }
            connection.flush();
        }
    }

    private void write(byte[] message) {
        try {
            connection.write(message);
        } catch (Throwable e) {
            messageLost(e);
        }
    }

    private void write(Loop.Shared messages) {
        try {
            connection.write(messages);
        } catch (Throwable e) {
            messageLost(e);
        }
    }

    /**
     * A message for the client was lost. No further message is accepted, since the client would get it after a gap. The
     * connection is closed in a later turn, since the caller may walk the members of a topic.
     *
     * @param cause what was thrown when the message was written
     */
    public void messageLost(Throwable cause) {
        if (!closed) {
            close();
            owner.onLane(() -> owner.fault(cause));
        }
    }

    private void writeNext(Backlog queue) {
        switch (queue.first()) {
            case Replay replay -> {
                lane.traffic().sent(1, replay.writeNext(connection));
                if (replay.hasNext()) {
                    return;
                }
                queue.replayBytes -= replay.bytes();
                release(queue, replay);
            }
            case StreamedMessage streamed -> {
                if (streamed.write(connection)) {
                    return;
                }
                queue.streamed--;
                release(queue, streamed);
            }
            case byte[] message -> {
                connection.write(message);
                queue.bytes -= release(queue, message);
            }
            case Loop.Shared messages -> {
                connection.write(messages);
                queue.bytes -= release(queue, messages);
            }
            case Object other -> throw new AssertionError(other);
        }
        queue.remove();
    }

    /** Lets the connection rest, which sweeps look at no more, if nothing waits here or for the socket. Returns whether it may. */
    public boolean rests() {
        swept = dirty || bytes() > 0;
        return !swept;
    }

    /** The bytes of heap of the messages that wait here. */
    public long heap() {
        return waiting == null ? 0 : waiting.heap;
    }

    /** The bytes that wait here and for the socket. */
    public long bytes() {
        return waitingBytes() + connection.pending();
    }

    private long waitingBytes() {
        return waiting == null ? 0 : waiting.bytes;
    }

    /**
     * Whether the client reads fast enough.
     *
     * @param now the present time, monotonic, in nanoseconds
     */
    public ReaderPace.Verdict judge(long now) {
        if (waiting == null && connection.pending() == 0) {
            pace = null;
            return ReaderPace.Verdict.READS;
        }
        if (pace == null) {
            pace = new ReaderPace(budget.limits().stallTimeout().toNanos(), now, connection.progress());
        }
        return pace.judge(now, waitingBytes(), connection.progress(), connection.taken());
    }

    /** Drops the messages that wait, and accepts none any more. */
    public void close() {
        closed = true;
        Backlog dropped = waiting;
        waiting = null;
        if (dropped != null) {
            dropped.all().forEach(message -> release(dropped, message));
        }
    }
}
