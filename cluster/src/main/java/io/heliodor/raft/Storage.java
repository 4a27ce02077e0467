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
    record Content(Ballot ballot, Optional<Snapshot> snapshot, List<RaftEntry> entries) {
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

    /** How far the content of a storage can be trusted. */
    enum Condition {
        /** It has all that it confirmed. */
        WHOLE,
        /** An operator chose to continue with its content, because most voters are lost: it may begin a list of voters. */
        RECOVERED,
        /** It may have confirmed what it lacks: it begins no log, and votes when a leader has named its id. */
        INCOMPLETE
    }

    /**
     * The condition.
     *
     * @return that of the content, as long as the voters have not named the id of this storage
     */
    Condition condition();

    /**
     * The confirmed write that was lacking when this storage was opened.
     *
     * @return in words, if one was lacking: then this storage has a new id and no content
     */
    default Optional<String> loss() {
        return Optional.empty();
    }

    /**
     * Replaces the condition.
     *
     * @param next {@link Condition#WHOLE} when the voters have named the id of this storage
     */
    void condition(Condition next);

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
    void append(List<RaftEntry> entries);

    /**
     * Replaces the snapshot, and drops all entries but these. After a crash in between the new snapshot may be there with all
     * entries.
     *
     * @param snapshot the new one
     * @param kept the last entries in order, or none
     */
    void save(Snapshot snapshot, List<RaftEntry> kept);

    /** Another node may use it from now on. */
    @Override
    void close();
}
