package io.heliodor.session;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one client: bounded in bytes and in time. Touched by the lane's thread alone.
 *
 * <p>While the socket keeps up, messages go straight to the connection and are flushed once at the end of the turn.
 * When it does not, they wait here. A new message is refused when the bound is reached before it: the client is too
 * slow then, and its connection is closed.
 */
final class Outbox {
    private final Session<?> session;
    private final Connection connection;
    private @Nullable ArrayDeque<Object> waiting;
    private long waitingBytes;
    private int bulks;
    private boolean dirty;
    private boolean closed;

    private long mark;
    private long markedAt;

    Outbox(Session<?> session, Connection connection) {
        this.session = session;
        this.connection = connection;
    }

    /** Takes a message for this client alone. */
    void offer(byte[] message) {
        if (direct(message.length)) {
            connection.write(message);
        } else if (!closed) {
            queue().add(message);
        }
    }

    /**
     * Takes what a client missed of a history. It may be more than the bound for what waits: the messages are the
     * history's own, not copies for this client, so they do not count. What follows them does.
     */
    void replay(List<byte[]> messages) {
        if (closed || messages.isEmpty()) {
            return;
        }
        markDirty();
        queue().add(new Replay(messages.iterator()));
    }

    /**
     * Takes a large message. Its payload is shared and does not count for the bound in bytes; how many may wait is
     * bounded instead: for a client that reads, each channel has one at the most.
     */
    void offer(Bulk bulk) {
        if (closed) {
            return;
        }
        markDirty();
        if (++bulks > session.hub().limits().channelsPerSocket()) {
            session.tooSlow(waitingBytes + connection.pending());
        } else {
            queue().add(bulk);
        }
    }

    private record Replay(Iterator<byte[]> messages) {}

    /** Takes messages that many clients share. */
    void offer(Loop.Shared messages) {
        if (direct(messages.bytes())) {
            connection.write(messages);
        } else if (!closed) {
            messages.retain();
            queue().add(messages);
        }
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
        if (full()) {
            // A burst within one turn fills the queue though the socket has room: let it take some before judging.
            flush();
            if (waiting == null && connection.writable()) {
                markDirty();
                return true;
            }
            if (full()) {
                session.tooSlow(waitingBytes + connection.pending());
                return false;
            }
        }
        waitingBytes += bytes;
        markDirty();
        return false;
    }

    private boolean full() {
        return waitingBytes + connection.pending() >= session.hub().limits().queuedBytesPerSocket();
    }

    private void markDirty() {
        if (!dirty) {
            dirty = true;
            session.lane().dirty(this);
        }
    }

    private ArrayDeque<Object> queue() {
        if (waiting == null) {
            waiting = new ArrayDeque<>();
        }
        return waiting;
    }

    /** Writes what the socket takes. At the end of a turn, and when the socket takes more. */
    void flush() {
        dirty = false;
        if (closed) {
            return;
        }
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

    private void writeNext(ArrayDeque<Object> queue) {
        switch (queue.getFirst()) {
            case Replay replay -> {
                connection.write(replay.messages().next());
                if (replay.messages().hasNext()) {
                    return;
                }
            }
            case Bulk bulk -> {
                if (bulk.write(connection)) {
                    return;
                }
                bulks--;
            }
            case byte[] message -> {
                waitingBytes -= message.length;
                connection.write(message);
            }
            case Loop.Shared messages -> {
                waitingBytes -= messages.bytes();
                connection.write(messages);
                messages.release();
            }
            case Object other -> throw new AssertionError(other);
        }
        queue.remove();
    }

    /** Whether bytes have waited for a time without any being taken. */
    boolean stalled(long now, long nanos) {
        if (waiting == null && connection.pending() == 0) {
            mark = 0;
            markedAt = 0;
            return false;
        }
        long progress = connection.progress();
        if (markedAt == 0 || progress != mark) {
            mark = progress;
            markedAt = now == 0 ? 1 : now;
            return false;
        }
        return now - markedAt >= nanos;
    }

    /** Drops what waits; nothing is taken any more. */
    void close() {
        closed = true;
        if (waiting != null) {
            for (Object message : waiting) {
                if (message instanceof Loop.Shared messages) {
                    messages.release();
                }
            }
        }
        waiting = null;
        waitingBytes = 0;
    }
}
