package io.heliodor.group;

import java.util.Comparator;

/**
 * The identifier of an entry: a topic that a writer has added to a group, or the group itself. It is unique. An entry that was added
 * after its writer had received another one has the greater timestamp (Lamport, "Time, clocks, and the ordering of events in a
 * distributed system", 1978).
 *
 * @param number the time by the logical clock of the writer
 * @param writer the id of the writer
 */
record LamportTimestamp(long number, long writer) implements Comparable<LamportTimestamp> {
    private static final Comparator<LamportTimestamp> ORDER =
            Comparator.comparingLong(LamportTimestamp::number).thenComparingLong(LamportTimestamp::writer);

    @Override
    public int compareTo(LamportTimestamp other) {
        return ORDER.compare(this, other);
    }
}
