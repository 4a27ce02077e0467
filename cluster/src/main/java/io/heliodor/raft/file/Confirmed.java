package io.heliodor.raft.file;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;

/**
 * The extent of what a directory has confirmed. Files that do not reach it have lost something. A file may be one write
 * ahead: a crash came before that write was confirmed.
 *
 * @param directory the id of the directory
 * @param ballots the number of the last ballot; ballots and snapshots are counted together
 * @param snapshots the number of the last snapshot; 0 without one
 * @param entries the entries after it
 * @param next the entries after the next snapshot, while the file is replaced; else the same
 */
record Confirmed(String directory, long ballots, long snapshots, Extent entries, Extent next) {
    /**
     * The extent of the file of the entries.
     *
     * @param generation how often the file was replaced
     * @param end its size in bytes
     */
    record Extent(long generation, long end) {
        boolean reaches(Extent other) {
            return generation == other.generation && end >= other.end;
        }
    }

    Confirmed ballot(long number) {
        return new Confirmed(directory, number, snapshots, entries, next);
    }

    Confirmed entries(Extent present) {
        return new Confirmed(directory, ballots, snapshots, present, present);
    }

    /** After a snapshot. From now on the file of the entries may be the next one already. */
    Confirmed snapshot(long number, Extent replacement) {
        return new Confirmed(directory, ballots, number, entries, replacement);
    }

    /** The number of the next ballot or snapshot. */
    long nextNumber() {
        return Math.max(ballots, snapshots) + 1;
    }

    boolean hasBallot(long number) {
        return number == ballots || number == nextNumber();
    }

    boolean hasSnapshot(long number) {
        return number == snapshots || number == nextNumber();
    }

    boolean hasEntries(Extent present) {
        return present.reaches(entries) || present.reaches(next);
    }

    void write(BinaryWriter out) {
        out.text(directory).number(ballots).number(snapshots);
        out.number(entries.generation).number(entries.end);
        out.number(next.generation).number(next.end);
    }

    static Confirmed read(BinaryReader in) throws DecodeException {
        return new Confirmed(
                in.text(), count(in), count(in), new Extent(count(in), count(in)), new Extent(count(in), count(in)));
    }

    /** Reads a number that counts up: each has a next one. */
    static long count(BinaryReader in) throws DecodeException {
        long count = in.number();
        if (count < 0 || count == Long.MAX_VALUE) {
            throw new DecodeException("the number " + count);
        }
        return count;
    }
}
