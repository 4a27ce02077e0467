package io.heliodor.node;

import io.heliodor.raft.NoStorage;
import io.heliodor.raft.Storage;
import io.heliodor.raft.Voters;
import io.heliodor.raft.file.FileStorage;
import io.heliodor.raft.file.UnusableDirectory;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The part of a node in the consensus of the voters.
 *
 * @param configured the voters of its settings: those of a cluster that begins
 * @param storage its directory, open; one that keeps nothing if it does not vote
 */
record ConsensusConfig(Voters configured, Storage storage) {
    /** Opens the directory of a node, if it has one. */
    static ConsensusConfig open(String node, Voters configured, Optional<Path> data) {
        if (data.isEmpty() && configured.has(node)) {
            throw new StartException(
                    StartException.Problem.BAD_SETTING,
                    "Node " + node + " is a voter and must keep what it votes: say in which directory.");
        }
        if (data.isEmpty()) {
            return new ConsensusConfig(configured, new NoStorage(Storage.Content.NONE));
        }
        try {
            return new ConsensusConfig(configured, FileStorage.open(data.get(), node));
        } catch (UnusableDirectory e) {
            throw new StartException(StartException.Problem.BAD_DIRECTORY, String.valueOf(e.getMessage()));
        }
    }
}
