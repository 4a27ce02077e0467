package io.heliodor.simulation;

import io.heliodor.raft.Ballot;
import io.heliodor.raft.Entry;
import io.heliodor.raft.Snapshot;
import io.heliodor.raft.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The disk of a host. It survives the incarnations of its node, which may crash before or after any write. */
final class VoterDisk implements Storage {
    /** The node crashes now. */
    static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Crash() {
            super("crash", null, false, false);
        }
    }

    private final World world;
    private Content content = Content.NONE;
    private String directory;

    /** How likely a crash is with each write. */
    double crashes;

    VoterDisk(World world) {
        this.world = world;
        this.directory = newId();
    }

    private String newId() {
        return Long.toHexString(world.random.nextLong());
    }

    @Override
    public Content content() {
        return content;
    }

    void wipe() {
        content = Content.NONE;
        directory = newId();
    }

    /** Whether it has an entry: without one it may begin a log with others that have none. */
    boolean isUsed() {
        return content.snapshot().isPresent() || !content.entries().isEmpty();
    }

    @Override
    public String directory() {
        return directory;
    }

    @Override
    public boolean recovered() {
        return false;
    }

    private void write(Content next) {
        mayCrash();
        content = next;
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
        world.check(
                ballot.term() > content.ballot().term()
                        || (ballot.term() == content.ballot().term()
                                && content.ballot().votedFor().isEmpty()),
                () -> "ballot " + ballot + " after " + content.ballot());
        write(new Content(ballot, content.snapshot(), content.entries()));
    }

    @Override
    public void append(List<Entry> entries) {
        List<Entry> all = new ArrayList<>(content.entries());
        all.removeIf(entry -> entry.index() >= entries.getFirst().index());
        all.addAll(entries);
        write(new Content(content.ballot(), content.snapshot(), List.copyOf(all)));
    }

    @Override
    public void save(Snapshot snapshot, List<Entry> kept) {
        write(new Content(content.ballot(), Optional.of(snapshot), content.entries()));
        write(new Content(content.ballot(), content.snapshot(), List.copyOf(kept)));
    }

    @Override
    public void close() {}
}
