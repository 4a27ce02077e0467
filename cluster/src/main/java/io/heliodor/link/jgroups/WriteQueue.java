package io.heliodor.link.jgroups;

import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketException;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that wait to be written to a socket by a thread of its own. Writing to this never blocks: JGroups sends to all
 * members by one thread, and one that does not read must not hold it up.
 */
final class WriteQueue extends OutputStream {
    private final int limit;
    private final Runnable overflowed;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
    private int bytes;
    private boolean ended;

    /**
     * An empty one.
     *
     * @param limit how many bytes may wait
     * @param overflowed called when there is no room
     */
    WriteQueue(int limit, Runnable overflowed) {
        this.limit = limit;
        this.overflowed = overflowed;
    }

    /** How many bytes wait. */
    int waiting() {
        lock.lock();
        try {
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void write(int single) throws IOException {
        write(new byte[] {(byte) single}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, from.length);
        byte[] copy = new byte[length]; // the caller writes its next message into the same array
        System.arraycopy(from, offset, copy, 0, length);
        lock.lock();
        try {
            if (ended) {
                return; // who reads learns that it is over
            }
            if (length <= limit - bytes) {
                bytes += length;
                waiting.add(copy);
                changed.signal();
                return;
            }
        } finally {
            lock.unlock();
        }
        overflowed.run();
        throw new SocketException("the peer does not read");
    }

    /** Nothing can be written any more; what waits is still written. */
    void end() {
        lock.lock();
        try {
            ended = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing can be written any more, and what waits is forgotten. */
    void drop() {
        lock.lock();
        try {
            ended = true;
            waiting.clear();
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Writes what comes, until the end. Handshake once, by the thread of this socket. */
    void pump(OutputStream out) throws IOException, InterruptedException {
        for (byte[] next = take(0); next != null; next = take(next.length)) {
            out.write(next);
        }
    }

    private byte @Nullable [] take(int written) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            bytes -= written;
            while (waiting.isEmpty() && !ended) {
                changed.await();
            }
            return waiting.poll();
        } finally {
            lock.unlock();
        }
    }
}
