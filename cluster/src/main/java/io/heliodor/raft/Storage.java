package io.heliodor.raft;

import java.util.List;
import java.util.Optional;

/**
 * The disk of a voter. A method returns when its effect is durable, and throws {@link StorageException} when it may not be:
 * then the voter must not vote any more, because it does not know what it promised. One thread.
 */
public interface Storage extends AutoCloseable {
    /**
     * The content of a storage.
     *
     * @param ballot the last one that was saved
     * @param snapshot the last one that was saved
     * @param entries all that are kept, in order; some may be older than the snapshot
     */
    record Content(Ballot ballot, Optional<Snapshot> snapshot, List<Entry> entries) {
        /** A storage that was never written to. */
        public static final Content NONE = new Content(Ballot.NONE, Optional.empty(), List.of());
    }

    /**
     * The content when this storage was opened.
     *
     * @return the content
     */
    Content content();

    /**
     * The id of this storage, which it got when it was made. Another storage has another one, also of the same node.
     *
     * @return the id; empty if this storage keeps nothing
     */
    String directory();

    /**
     * Whether an operator chose to go on with what this storage has, because most voters lost theirs.
     *
     * @return whether it may begin a new list of voters with its entries
     */
    boolean recovered();

    /**
     * Replaces that choice.
     *
     * @param on false when the voters have a list again
     */
    void recovered(boolean on);

    /**
     * Replaces the ballot.
     *
     * @param ballot the new one
     */
    void save(Ballot ballot);

    /**
     * Adds entries. Entries with these and higher indexes that were there before are replaced.
     *
     * @param entries one or more, in order, without gaps; the first one follows an entry that is there, or the snapshot
     */
    void append(List<Entry> entries);

    /**
     * Replaces the snapshot, and drops all entries but these. After a crash in between the new snapshot may be there with all
     * entries.
     *
     * @param snapshot the new one
     * @param kept the last entries in order, or none
     */
    void save(Snapshot snapshot, List<Entry> kept);

    /** Another node may use it from now on. */
    @Override
    void close();
}
