package io.heliodor.benchmarks.cluster;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Counts the messages of successive streams, and detects missing, repeated and reordered ones. */
final class Incoming {
    private static final long PATIENCE_SECONDS = 20;

    private final int acknowledgeEach;
    private int trial;
    private long next;
    private long faults;
    private long beginNumber;
    private long beginNanos;
    private long count;
    private long nanos;
    private boolean begun;
    private boolean ended;

    /**
     * The result of a stream.
     *
     * @param count messages after the mark that begins the measured time
     * @param nanos from that mark to the last message
     * @param faults messages that were not the next one
     */
    record Received(long count, long nanos, long faults) {}

    Incoming(int window) {
        acknowledgeEach = Math.max(1, window / 8);
    }

    /** Counts a message; returns whether to acknowledge the messages so far. */
    synchronized boolean take(MessageHeader note, long now) {
        if (note.trial() > trial) {
            trial = note.trial();
            next = 0;
            faults = 0;
            begun = false;
            ended = false;
        }
        if (note.trial() < trial || note.number() != next || ended) {
            faults++;
            return false;
        }
        next++;
        if (note.kind() == MessageHeader.Kind.BEGIN) {
            begun = true;
            beginNumber = note.number();
            beginNanos = now;
        } else if (note.kind() == MessageHeader.Kind.END) {
            ended = true;
            count = begun ? note.number() - beginNumber : 0;
            nanos = begun ? now - beginNanos : 0;
            notifyAll();
        }
        return ended || next % acknowledgeEach == 0;
    }

    /** The number of messages of this stream that came in order. */
    synchronized long next() {
        return next;
    }

    /** Waits for the end of a stream. */
    synchronized Received await(int which) throws InterruptedException, TimeoutException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (trial != which || !ended) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                throw new TimeoutException("the end of the stream did not come: message " + next + " is awaited, "
                        + faults + " came that were another one");
            }
            wait(left);
        }
        return new Received(count, nanos, faults);
    }
}
