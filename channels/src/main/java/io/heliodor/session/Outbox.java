package io.heliodor.session;

import io.heliodor.channel.History;
import io.heliodor.history.ResumeResult;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages that wait for one client, limited in bytes and judged by its reading. Touched by the lane's thread alone.
 *
 * <p>While the socket keeps up, messages go straight to the connection and are flushed once at the end of the turn.
 * Otherwise they wait here. A message is refused when {@code connectionBytes} wait before it, and the connection is
 * closed. See {@code docs/design/flow.md}.
 */
final class Outbox {
    /** What of histories may wait for one client beyond its first replay. */
    private static final long MOST_REPEATING = History.DEFAULT_BYTES;

    /** The heap of a waiting message in addition to its own bytes. */
    private static final long OVERHEAD = 64;

    /** What waits for less is a burst, and no sign of a slow client. */
    private static final long HELD_UP_NANOS = 250_000_000;

    private final Session<?> session;
    private final Lane lane;
    private final Connection connection;
    private @Nullable Backlog waiting;
    private long waitingBytes;
    private long heap;
    private int streamedCount;
    private long repeating;
    private boolean dirty;
    private boolean closed;

    /** Since when something waits without a break, as {@link #look} has found it; 0 if nothing does. */
    private long heldUpSince;

    /** Null while nothing waits. */
    private @Nullable ReaderPace pace;

    Outbox(Session<?> session, Connection connection) {
        this.session = session;
        this.lane = session.lane();
        this.connection = connection;
    }

    /** Takes a message for this client alone. */
    void offer(byte[] message) {
        if (direct(message.length)) {
            write(message);
        } else if (closed) {
            return;
        } else {
            hold(message);
            queue().add(message);
        }
        lane.traffic().sent(1, message.length);
    }

    /** Takes a message for this client alone that is worth less when it is late. */
    void offer(byte[] message, SlowDelivery slowDelivery) {
        if (spared(message, message.length, slowDelivery)) {
            return;
        }
        if (direct(message.length)) {
            write(message);
        } else if (closed) {
            return;
        } else {
            add(message, slowDelivery);
        }
        lane.traffic().sent(1, message.length);
    }

    /** The same for messages that many clients share. */
    void offer(Loop.Shared messages, SlowDelivery slowDelivery) {
        if (spared(messages, messages.bytes(), slowDelivery)) {
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

    /** Whether a client that is behind need not take a message: it is dropped, or has replaced one that waits. */
    private boolean spared(Object message, int bytes, SlowDelivery slowDelivery) {
        look();
        if (closed || !behind()) {
            return false;
        }
        return switch (slowDelivery) {
            case SlowDelivery.Dropped dropped -> {
                session.hub().counts().increment(Count.SLOW_DROPPED);
                yield true;
            }
            case SlowDelivery.Latest latest ->
                waiting != null && replaced(waiting.replace(message, latest), message, bytes);
        };
    }

    /** Notes whether the socket keeps up. Not on the way of a message that is written at once. */
    private void look() {
        if (waiting == null && connection.writable()) {
            heldUpSince = 0;
        } else if (heldUpSince == 0) {
            long now = session.hub().now();
            heldUpSince = now == 0 ? 1 : now;
        }
    }

    /**
     * Whether the client does not keep up: for a while, or by so much that the bound is near. What waits for a moment says
     * nothing: a burst is flushed at the end of the turn, and on some ways of I/O taken some turns later.
     */
    private boolean behind() {
        if (heldUpSince == 0) {
            return false;
        }
        if (session.hub().now() - heldUpSince >= HELD_UP_NANOS) {
            return true;
        }
        if (!nearBound()) {
            return false;
        }
        flush();
        return nearBound();
    }

    private boolean nearBound() {
        return bytes() >= Math.min(ReaderPace.SLOW_BYTES, session.hub().connectionBytes()) / 2;
    }

    private boolean replaced(@Nullable Object old, Object message, int bytes) {
        if (old == null) {
            return false;
        }
        int less = release(old);
        hold(message);
        if (message instanceof Loop.Shared messages) {
            messages.retain();
        }
        waitingBytes -= less;
        boolean full = full();
        waitingBytes += bytes;
        session.hub().counts().increment(Count.SLOW_REPLACED);
        if (full && bytes > less) {
            session.tooSlow(bytes());
        }
        return true;
    }

    /** Counts the heap of a message that waits; the bytes of shared ones are in direct memory. */
    private void hold(Object message) {
        long bytes = heapBytes(message);
        heap += bytes;
        session.memory().add(bytes);
        session.flow().checkMemory();
    }

    private static long heapBytes(Object message) {
        return OVERHEAD
                + switch (message) {
                    case byte[] own -> own.length;
                    case Replay replay -> replay.listBytes();
                    default -> 0;
                };
    }

    /** Gives a message back that waited, and returns how many bytes it had. */
    private int release(Object message) {
        long heapBytes = heapBytes(message);
        heap -= heapBytes;
        session.flow().release(heapBytes);
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
                replay.left()
                        .forEachRemaining(each -> each.kept().content().memory().release());
                yield 0;
            }
            case Object other -> throw new AssertionError(other);
        };
    }

    /**
     * Takes what a client missed of a history. It may be more than {@code connectionBytes}: the messages are the history's
     * own, not copies for this client, so they do not count for that. What follows them does.
     *
     * @param missed at least one; each is given back when it is written or dropped
     * @param topic of the history
     * @param bytes what the history spends on them
     */
    void replay(List<ResumeResult.Missed<KeptBroadcast>> missed, String topic, long bytes) {
        if (closed) {
            missed.forEach(each -> each.kept().content().memory().release());
            return;
        }
        Replay replay = new Replay(missed.iterator(), topic, bytes, (long) missed.size() * Long.BYTES);
        markDirty();
        repeating += bytes;
        lane.traffic().sent(missed.size(), bytes);
        hold(replay);
        queue().add(replay);
    }

    /**
     * Takes a large message. Its payload is shared and does not count for the bound in bytes; how many may wait is
     * bounded instead: for a client that reads, each channel has one at the most.
     */
    void offer(StreamedMessage streamed) {
        if (closed) {
            streamed.dispose();
            return;
        }
        markDirty();
        if (++streamedCount > session.hub().sessionLimits().maxChannels()) {
            streamed.dispose();
            session.tooSlow(bytes());
        } else {
            hold(streamed);
            queue().add(streamed);
            lane.traffic().sent(1, streamed.length());
        }
    }

    /**
     * Whether more may be repeated. One replay always; others only as long as all that wait are moderate: while they
     * wait, they keep alive what the histories have dropped, and whoever joins without reading could have any number.
     */
    boolean takesReplay(long bytes) {
        return repeating == 0 || repeating + bytes <= MOST_REPEATING;
    }

    /** What is left of a replay; {@code listBytes} is the heap of the list alone. */
    private record Replay(
            Iterator<ResumeResult.Missed<KeptBroadcast>> left, String topic, long bytes, long listBytes) {}

    /** Takes messages that many clients share. Who shares them out counts them, once for all. */
    void offer(Loop.Shared messages) {
        if (direct(messages.bytes())) {
            write(messages);
        } else if (!closed) {
            messages.retain();
            hold(messages);
            queue().add(messages);
        }
    }

    /** Writes messages that many clients share if nothing waits and the socket keeps up; false if it did not. */
    boolean writeNow(Loop.Shared messages) {
        if (closed || waiting != null || !connection.writable()) {
            return false;
        }
        heldUpSince = 0;
        markDirty();
        write(messages);
        return true;
    }

    /** Whether a message may go to the connection at once. If not, it has been counted as waiting or refused. */
    private boolean direct(int bytes) {
        if (closed) {
            session.hub().counts().increment(Count.WRITES_AFTER_END);
            return false;
        }
        if (waiting == null && connection.writable()) {
            markDirty();
            return true;
        }
        look();
        if (full()) {
            // A burst within one turn fills the queue though the socket has room: let it take some before judging.
            flush();
            if (waiting == null && connection.writable()) {
                markDirty();
                return true;
            }
            if (full()) {
                session.tooSlow(bytes());
                return false;
            }
        }
        waitingBytes += bytes;
        markDirty();
        return false;
    }

    private boolean full() {
        return bytes() >= session.hub().connectionBytes();
    }

    private void markDirty() {
        if (!dirty) {
            dirty = true;
            lane.dirty(this);
        }
    }

    private Backlog queue() {
        if (waiting == null) {
            waiting = new Backlog();
        }
        return waiting;
    }

    /** Writes what the socket takes. At the end of a turn, and when the socket takes more. */
    void flush() {
        dirty = false;
        if (closed) {
            return;
        }
        try {
            flushWaiting();
        } catch (Throwable e) {
            lost(e);
        }
        if (heldUpSince != 0) {
            look();
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
            lost(e);
        }
    }

    private void write(Loop.Shared messages) {
        try {
            connection.write(messages);
        } catch (Throwable e) {
            lost(e);
        }
    }

    /**
     * A message for the client was lost. Nothing more is taken, since the client would get it behind a gap, and the
     * connection is closed by a task of its own.
     *
     * @param cause what was thrown when the message was written
     */
    void lost(Throwable cause) {
        if (!closed) {
            close();
            session.messageLost(cause);
        }
    }

    private void writeNext(Backlog queue) {
        switch (queue.first()) {
            case Replay replay -> {
                ResumeResult.Missed<KeptBroadcast> next = replay.left().next();
                try {
                    connection.write(KeptBroadcast.message(next, session.serializer(), replay.topic()));
                } finally {
                    next.kept().content().memory().release();
                }
                if (replay.left().hasNext()) {
                    return;
                }
                repeating -= replay.bytes();
                release(replay);
            }
            case StreamedMessage streamed -> {
                if (streamed.write(connection)) {
                    return;
                }
                streamedCount--;
                release(streamed);
            }
            case byte[] message -> {
                connection.write(message);
                waitingBytes -= release(message);
            }
            case Loop.Shared messages -> {
                connection.write(messages);
                waitingBytes -= release(messages);
            }
            case Object other -> throw new AssertionError(other);
        }
        queue.remove();
    }

    /** The bytes of heap that wait here. */
    long heap() {
        return heap;
    }

    /** How many bytes wait here and for the socket. */
    long bytes() {
        return waitingBytes + connection.pending();
    }

    /**
     * Judges whether the client reads.
     *
     * @param now the present time, monotonic, in nanoseconds
     */
    ReaderPace.Verdict judge(long now) {
        if (waiting == null && connection.pending() == 0) {
            pace = null;
            return ReaderPace.Verdict.READS;
        }
        if (pace == null) {
            pace = new ReaderPace(session.hub().sessionLimits().stallTimeout().toNanos(), now, connection.progress());
        }
        return pace.judge(now, waitingBytes, connection.progress(), connection.taken());
    }

    /** Drops what waits; nothing is taken any more. */
    void close() {
        closed = true;
        if (waiting != null) {
            waiting.all().forEach(this::release);
        }
        waiting = null;
        waitingBytes = 0;
    }
}
