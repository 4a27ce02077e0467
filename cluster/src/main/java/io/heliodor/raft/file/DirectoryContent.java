package io.heliodor.raft.file;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.raft.Ballot;
import io.heliodor.raft.LogId;
import io.heliodor.raft.RaftEntry;
import io.heliodor.raft.Snapshot;
import io.heliodor.raft.Storage;
import io.heliodor.raft.file.Confirmed.Extent;
import java.util.List;
import java.util.Optional;

/**
 * The content of the files of a directory.
 *
 * @param ballots the number of the ballot; 0 without one
 * @param snapshots the number of the snapshot; 0 without one
 * @param extent the part of the file of the entries that has them
 */
record DirectoryContent(
        Ballot ballot,
        long ballots,
        Optional<Snapshot> snapshot,
        long snapshots,
        List<RaftEntry> entries,
        Extent extent) {
    static byte[] ballot(Ballot ballot, long number) {
        return new BinaryWriter(64)
                .number(ballot.term())
                .optional(ballot.votedFor(), (node, to) -> to.text(node))
                .object(ballot.log(), LogId::write)
                .number(number)
                .toBytes();
    }

    static byte[] snapshot(Snapshot snapshot, long number, boolean entriesFollow) {
        BinaryWriter out = new BinaryWriter(snapshot.state().length + 1_024);
        out.bool(entriesFollow); // an earlier build reads it
        snapshot.write(out);
        return out.number(number).toBytes();
    }

    static DirectoryContent of(
            Optional<byte[]> ballotFile, Optional<byte[]> snapshotFile, List<RaftEntry> entries, Extent extent)
            throws DecodeException {
        Ballot ballot = Ballot.NONE;
        long ballots = 0;
        if (ballotFile.isPresent()) {
            BinaryReader in = new BinaryReader(ballotFile.get());
            ballot = new Ballot(in.number(), in.optional(BinaryReader::text), LogId.read(in));
            ballots = in.more() ? Confirmed.count(in) : 1;
        }
        Optional<Snapshot> snapshot = Optional.empty();
        long snapshots = 0;
        if (snapshotFile.isPresent()) {
            BinaryReader in = new BinaryReader(snapshotFile.get());
            boolean _ = in.bool();
            snapshot = Optional.of(Snapshot.read(in));
            snapshots = in.more() ? Confirmed.count(in) : 1;
        }
        return new DirectoryContent(ballot, ballots, snapshot, snapshots, List.copyOf(entries), extent);
    }

    Storage.Content content() {
        return new Storage.Content(ballot, snapshot, entries);
    }

    boolean isUsed() {
        return snapshot.isPresent() || !entries.isEmpty();
    }

    /** Whether the entries begin after the end of the snapshot: then those between are lost. */
    boolean hasGap() {
        return !entries.isEmpty()
                && entries.getFirst().index() > snapshot.map(Snapshot::index).orElse(0L) + 1;
    }

    Confirmed confirmed(String directory) {
        return new Confirmed(directory, ballots, snapshots, extent, extent);
    }

    /** Which confirmed writes are not there, in words; empty if all are. */
    Optional<String> lacks(String directory, Confirmed confirmed) {
        if (!confirmed.directory().equals(directory)) {
            return Optional.of("its files owner and confirmed are of different times");
        }
        if (!confirmed.hasBallot(ballots)) {
            return Optional.of("its file ballot is missing, or one of another time");
        }
        if (!confirmed.hasSnapshot(snapshots)) {
            return Optional.of("its file snapshot is missing, or one of another time");
        }
        if (!confirmed.hasEntries(extent)) {
            return Optional.of(
                    "its file entries is missing, one of another time, or damaged after byte " + extent.end());
        }
        return Optional.empty();
    }
}
