package io.heliodor.simulation;

import io.heliodor.raft.Ballot;
import io.heliodor.raft.MemoryStorage;
import io.heliodor.raft.StorageException;
import java.io.IOException;

/** The disk of a host. It survives the incarnations of its node, which may crash before or after any write. */
final class VoterDisk extends MemoryStorage {
    /** A crash of the node. */
    static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Crash() {
            super("crash", null, false, false);
        }
    }

    private final World world;

    /** The probability of a crash at each write. */
    double crashes;

    /** The probability that the disk fails at each write, until the next incarnation. */
    double breaks;

    VoterDisk(World world) {
        super(Long.toHexString(world.random.nextLong()));
        this.world = world;
    }

    /** Whether it has an entry: without one it may begin a log with others that have none. */
    boolean isUsed() {
        return content().snapshot().filter(snapshot -> snapshot.index() > 0).isPresent()
                || !content().entries().isEmpty();
    }

    @Override
    protected void write(Content next) {
        mayCrash();
        if (world.chance(breaks)) {
            world.saw("broken disk");
            throw new StorageException("broken", new IOException());
        }
        super.write(next);
        mayCrash();
    }

    private void mayCrash() {
        if (world.chance(crashes)) {
            world.saw("crash at a write");
            throw new Crash();
        }
    }

    @Override
    public void save(Ballot ballot) {
        Ballot before = content().ballot();
        world.check(
                ballot.term() > before.term()
                        || (ballot.term() == before.term()
                                && (before.votedFor().isEmpty()
                                        || before.votedFor().equals(ballot.votedFor()))),
                () -> "ballot " + ballot + " after " + before);
        super.save(ballot);
    }
}
