package io.heliodor.link.jgroups.socket;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketException;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The output stream of a {@link PeerSocket}: a bounded queue that the socket's thread writes to the network. Adding to
 * it never blocks, because JGroups sends to all members by one thread, which a slow peer must not hold up.
 */
final class WriteQueue extends OutputStream {
    private final int maxBytes;
    private final Runnable overflowed;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();

    @GuardedBy("lock")
    private int bytes;

    @GuardedBy("lock")
    private boolean ended;

    /**
     * An empty queue.
     *
     * @param maxBytes the maximum number of bytes that wait
     * @param overflowed called when it is exceeded, by the thread that writes
     */
    WriteQueue(int maxBytes, Runnable overflowed) {
        this.maxBytes = maxBytes;
        this.overflowed = overflowed;
    }

    /** The number of bytes that wait. */
    int bytes() {
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
        byte[] copy = new byte[length]; // the caller reuses its array for the next message
        System.arraycopy(from, offset, copy, 0, length);
        lock.lock();
        try {
            if (ended) {
                return; // the reader reports the end
            }
            if (length <= maxBytes - bytes) {
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

    /** Accepts no more bytes; those that wait are still written. */
    void end() {
        lock.lock();
        try {
            ended = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Accepts no more bytes, and discards those that wait. */
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

    /** Writes the bytes to a stream until the end. Called once, by the thread of the socket; blocks. */
    void writeTo(OutputStream out) throws IOException, InterruptedException {
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
