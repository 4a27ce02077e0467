package io.heliodor.raft;

import io.heliodor.link.Invariant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The entries of one node: in memory, and in its storage as of the last {@link #save}. Older entries are in the snapshot;
 * some of them are kept, so that a follower that lags a little needs no snapshot.
 */
final class ReplicatedLog {
    /** The term of an entry that is not here. */
    static final long UNKNOWN = -1;

    private final Storage storage;
    private Snapshot snapshot;
    private List<RaftEntry> entries;

    /** The voters as of the last entry that names them. */
    private Voters voters;

    private long votersIndex;
    private long saved;

    ReplicatedLog(Storage storage, Storage.Content content, Voters configured) {
        this.storage = storage;
        snapshot = content.snapshot().filter(present -> present.index() > 0).orElse(Snapshot.none(configured));
        entries = new ArrayList<>(content.entries());
        // A crash may have come between the snapshot and the removal of entries that are not those it stands for.
        boolean connected = !entries.isEmpty()
                && entries.getFirst().index() <= snapshot.index() + 1
                && lastIndex() >= snapshot.index()
                && (snapshot.index() < entries.getFirst().index()
                        || entry(snapshot.index()).term() == snapshot.term());
        if (!connected && !entries.isEmpty()) {
            entries.clear();
            storage.save(snapshot, entries);
        }
        saved = lastIndex();
        voters = snapshot.voters();
        findVoters();
    }

    private RaftEntry entry(long index) {
        return entries.get((int) (index - entries.getFirst().index()));
    }

    private void findVoters() {
        voters = snapshot.voters();
        votersIndex = snapshot.index();
        for (RaftEntry entry : entries) {
            note(entry);
        }
    }

    private void note(RaftEntry entry) {
        if (changesVoters(entry)) {
            voters = Voters.of(entry.data());
            votersIndex = entry.index();
        }
    }

    private boolean changesVoters(RaftEntry entry) {
        return entry.kind() == RaftEntry.Kind.VOTERS && entry.index() > snapshot.index();
    }

    Snapshot snapshot() {
        return snapshot;
    }

    /** The voters as of the last entry, whether it is committed or not. */
    Voters voters() {
        return voters;
    }

    /** The index of the entry that made them the voters. */
    long votersIndex() {
        return votersIndex;
    }

    /** The voters before that entry. */
    Voters votersBefore() {
        Voters present = snapshot.voters();
        for (RaftEntry entry : entries) {
            if (changesVoters(entry) && entry.index() < votersIndex) {
                present = Voters.of(entry.data());
            }
        }
        return present;
    }

    /** Whether it has more than lists of voters. */
    boolean hasDecisions() {
        return snapshot.index() > 0 || entries.stream().anyMatch(entry -> entry.kind() == RaftEntry.Kind.COMMAND);
    }

    /** Entries that are not stored and not committed were confirmed to no other node. */
    Storage.Content content(Ballot ballot, long commitIndex) {
        Optional<Snapshot> present = snapshot.index() == 0 ? Optional.empty() : Optional.of(snapshot);
        List<RaftEntry> known = entries.stream()
                .filter(entry -> entry.index() <= Math.max(saved, commitIndex))
                .toList();
        return new Storage.Content(ballot, present, known);
    }

    boolean isEmpty() {
        return lastIndex() == 0;
    }

    long lastIndex() {
        return entries.isEmpty() ? snapshot.index() : entries.getLast().index();
    }

    long lastTerm() {
        return term(lastIndex());
    }

    /** The term of an entry, 0 for the index 0, or {@link #UNKNOWN}. */
    long term(long index) {
        if (index == snapshot.index()) {
            return snapshot.term();
        }
        if (index == 0) {
            return 0;
        }
        return has(index) ? entry(index).term() : UNKNOWN;
    }

    private boolean has(long index) {
        return !entries.isEmpty()
                && index >= entries.getFirst().index()
                && index <= entries.getLast().index();
    }

    /** Whether the entries from an index on can be sent: they are here, and the term of the one before is known. */
    boolean reaches(long index) {
        return term(index - 1) != UNKNOWN && (index > lastIndex() || has(index));
    }

    RaftEntry get(long index) {
        if (!has(index)) {
            throw new IllegalArgumentException("Entry " + index + " is not here.");
        }
        return entry(index);
    }

    /** The next entries from an index on, of so many bytes at most, but at least one if there is one. */
    List<RaftEntry> from(long index, int maxBytes) {
        List<RaftEntry> some = new ArrayList<>();
        int size = 0;
        for (long next = index; has(next); next++) {
            RaftEntry entry = entry(next);
            size += entry.size();
            if (size > maxBytes && !some.isEmpty()) {
                break;
            }
            some.add(entry);
        }
        return some;
    }

    /**
     * The index where a leader should look for the last entry that both logs have, when this one does not have an entry of
     * that term.
     */
    long hint(long index, long commitIndex) {
        if (index > lastIndex()) {
            return lastIndex() + 1;
        }
        long term = term(index);
        long first = index;
        while (first - 1 > commitIndex && term(first - 1) == term) {
            first--;
        }
        return first;
    }

    /** Adds an entry of this node, which leads. */
    RaftEntry add(long term, RaftEntry.Kind kind, byte[] data) {
        RaftEntry entry = new RaftEntry(lastIndex() + 1, term, kind, data);
        add(entry);
        return entry;
    }

    private void add(RaftEntry entry) {
        entries.add(entry);
        note(entry);
    }

    /**
     * Takes entries of a leader that follow an entry of this log. Those that are here already are skipped; an entry of
     * another term and all after it are replaced.
     */
    void accept(List<RaftEntry> added, long commitIndex) {
        for (RaftEntry entry : added) {
            if (entry.index() <= commitIndex) {
                check(entry);
                continue;
            }
            if (entry.index() <= lastIndex()) {
                if (term(entry.index()) == entry.term()) {
                    continue;
                }
                cut(entry.index());
            }
            add(entry);
        }
    }

    /** A leader has all committed entries. */
    private void check(RaftEntry committed) {
        long own = term(committed.index());
        if (own != UNKNOWN && own != committed.term()) {
            throw new IllegalStateException("Entry " + committed.index() + " is committed here with term " + own
                    + ", but the leader has it with term " + committed.term() + ". Voters lost their directories.");
        }
    }

    private void cut(long index) {
        entries.subList((int) (index - entries.getFirst().index()), entries.size())
                .clear();
        saved = Math.min(saved, index - 1);
        findVoters();
    }

    /** Writes what was added. */
    void save() {
        if (saved < lastIndex()) {
            storage.append(List.copyOf(
                    entries.subList((int) (saved + 1 - entries.getFirst().index()), entries.size())));
            saved = lastIndex();
        }
    }

    /**
     * Replaces the oldest entries by a snapshot.
     *
     * @param keptBytes so many bytes of the entries that it stands for are kept
     * @param needed entries after this one are kept, too
     * @param maxBytes but at most so many bytes
     */
    void compact(Snapshot next, long keptBytes, long needed, long maxBytes) {
        long kept = 0;
        int first = (int) Math.max(0, next.index() + 1 - entries.getFirst().index());
        while (first > 0) {
            RaftEntry before = entries.get(first - 1);
            kept += before.size();
            if (kept > (before.index() > needed ? maxBytes : keptBytes)) {
                break;
            }
            first--;
        }
        replace(next, new ArrayList<>(entries.subList(first, entries.size())));
    }

    /** Replaces everything by a snapshot of the leader. Entries after it are kept if they follow it. */
    void reset(Snapshot next) {
        boolean follows = term(next.index()) == next.term();
        replace(next, follows ? new ArrayList<>(from(next.index() + 1, Integer.MAX_VALUE)) : new ArrayList<>());
    }

    void clear(Voters configured) {
        replace(Snapshot.none(configured), new ArrayList<>());
    }

    /** How many lists of voters a leader has added in its term that are not committed. */
    long uncommittedChanges(long term, long commitIndex) {
        return entries.stream()
                .filter(entry ->
                        entry.kind() == RaftEntry.Kind.VOTERS && entry.term() == term && entry.index() > commitIndex)
                .count();
    }

    /** Checks the whole log, and what is derived of it. */
    void checkInvariants() {
        long index = entries.isEmpty() ? 0 : entries.getFirst().index() - 1;
        long term = 0;
        for (RaftEntry entry : entries) {
            Invariant.check(entry.index() == index + 1, "entries have no gap", index, entry);
            Invariant.check(entry.term() >= Math.max(1, term), "terms of entries do not fall", term, entry);
            index = entry.index();
            term = entry.term();
        }
        Invariant.check(
                entries.isEmpty() || (entries.getFirst().index() <= snapshot.index() + 1 && index >= snapshot.index()),
                "the entries meet the snapshot",
                snapshot.index(),
                entries);
        Invariant.check(
                !has(snapshot.index()) || entry(snapshot.index()).term() == snapshot.term(),
                "the snapshot has the term of its entry",
                snapshot.index(),
                entries);
        Invariant.check(
                snapshot.index() <= saved && saved <= lastIndex(), "what is stored is in the log", saved, lastIndex());
        Voters known = voters;
        long at = votersIndex;
        findVoters();
        Invariant.check(
                voters.equals(known) && votersIndex == at,
                "the voters are those of the last entry that names them",
                known,
                at,
                voters,
                votersIndex);
    }

    private void replace(Snapshot next, List<RaftEntry> kept) {
        storage.save(next, List.copyOf(kept));
        snapshot = next;
        entries = kept;
        findVoters();
        saved = lastIndex();
    }
}
