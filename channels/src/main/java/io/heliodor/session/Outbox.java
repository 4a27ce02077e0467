package io.heliodor.session;

import java.util.ArrayDeque;
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
        if (waitingBytes == 0 && connection.writable()) {
            markDirty();
            return true;
        }
        if (full()) {
            // A burst within one turn fills the queue though the socket has room: let it take some before judging.
            flush();
            if (waitingBytes == 0 && connection.writable()) {
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
        while (waitingBytes > 0 && connection.writable()) {
            while (waitingBytes > 0 && connection.writable()) {
                switch (queue().remove()) {
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
            }
            connection.flush();
        }
        if (waitingBytes == 0) {
            waiting = null;
        }
    }

    /** Whether bytes have waited for a time without any being taken. */
    boolean stalled(long now, long nanos) {
        if (waitingBytes == 0 && connection.pending() == 0) {
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
