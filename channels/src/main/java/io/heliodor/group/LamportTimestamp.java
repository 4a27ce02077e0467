package io.heliodor.group;

import java.util.Comparator;

/**
 * Names an entry: a topic that a writer has added to a group, or the group itself. No two are the same, and an entry that was added
 * with the knowledge of another one comes after it (Lamport, "Time, clocks, and the ordering of events in a distributed system", 1978).
 *
 * @param number the time by the clock of the writer, which counts what it knows of
 * @param writer the number of the writer
 */
record LamportTimestamp(long number, long writer) implements Comparable<LamportTimestamp> {
    private static final Comparator<LamportTimestamp> ORDER =
            Comparator.comparingLong(LamportTimestamp::number).thenComparingLong(LamportTimestamp::writer);

    @Override
    public int compareTo(LamportTimestamp other) {
        return ORDER.compare(this, other);
    }
}
