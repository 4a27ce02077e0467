package io.heliodor.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;

/** The bound of messages that wait: a number and a sum of bytes. Any thread may use it. */
final class Room {
    private final int maxNumber;
    private final long maxBytes;

    @GuardedBy("this")
    private int number;

    @GuardedBy("this")
    private long bytes;

    Room(int maxNumber, long maxBytes) {
        this.maxNumber = maxNumber;
        this.maxBytes = maxBytes;
    }

    /** Takes room for one message; false if there is none. */
    synchronized boolean take(int size) {
        if (number >= maxNumber || bytes + size > maxBytes) {
            return false;
        }
        number++;
        bytes += size;
        return true;
    }

    synchronized void release(int size) {
        number--;
        bytes -= size;
    }

    synchronized int number() {
        return number;
    }

    synchronized long bytes() {
        return bytes;
    }

    long maxBytes() {
        return maxBytes;
    }
}
