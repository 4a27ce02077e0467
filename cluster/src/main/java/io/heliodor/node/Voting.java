package io.heliodor.node;

import io.heliodor.raft.Ballot;
import io.heliodor.raft.Entry;
import io.heliodor.raft.Snapshot;
import io.heliodor.raft.Storage;
import io.heliodor.raft.Voters;
import io.heliodor.raft.file.FileStorage;
import io.heliodor.raft.file.UnusableDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The voters of a cluster, and the disk of this node if it votes.
 *
 * @param voters the nodes that vote in a cluster that begins
 * @param disk an open directory; empty for a node that does not vote
 */
record Voting(Voters voters, Optional<FileStorage> disk) {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.node");

    /** A node that does not vote gets the log again after each start. */
    private static final class NoDisk implements Storage {
        @Override
        public void save(Ballot ballot) {}

        @Override
        public void append(List<Entry> entries) {}

        @Override
        public void save(Snapshot snapshot, List<Entry> kept) {}
    }

    /** Opens the directory of a node that votes. */
    static Voting open(String node, Voters voters, Optional<Path> data) {
        if (!voters.has(node)) {
            return new Voting(voters, Optional.empty());
        }
        Path directory = data.orElseThrow(() -> new StartException(
                StartException.Problem.BAD_SETTING,
                "Node " + node + " is a voter and must keep what it votes: say in which directory."));
        try {
            return new Voting(voters, Optional.of(FileStorage.open(directory, node, voters)));
        } catch (UnusableDirectory e) {
            throw new StartException(StartException.Problem.BAD_DIRECTORY, String.valueOf(e.getMessage()));
        }
    }

    Storage storage() {
        return disk.<Storage>map(storage -> storage).orElseGet(NoDisk::new);
    }

    /** The content of the disk. A directory that was given to other voters since its snapshot has the new ones. */
    Storage.Content content() {
        Storage.Content present = disk.map(FileStorage::content).orElse(Storage.Content.NONE);
        Optional<Snapshot> snapshot =
                present.snapshot().map(read -> new Snapshot(read.index(), read.term(), voters, read.state()));
        return new Storage.Content(present.ballot(), snapshot, present.entries());
    }

    void close() {
        disk.ifPresent(storage -> {
            try {
                storage.close();
            } catch (IOException e) {
                LOG.warn("The directory of a voter could not be closed.", e);
            }
        });
    }
}
