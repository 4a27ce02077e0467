package io.heliodor.simulation;

import io.heliodor.raft.Ballot;
import io.heliodor.raft.RaftEntry;
import io.heliodor.raft.Snapshot;
import io.heliodor.raft.Storage;
import io.heliodor.raft.file.SimulatedDisk;
import io.heliodor.raft.file.SimulatedDisk.Damage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The disk of a host, with the files of a voter. It survives the incarnations of its node, which may crash at any step of a
 * write, alone or with the machine.
 */
final class VoterDisk {
    /** A crash of the node. */
    static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Crash() {
            super("crash", null, false, false);
        }
    }

    private final World world;
    private final VoterHistory history;
    private final String host;
    private final SimulatedDisk files = new SimulatedDisk();
    private @Nullable Storage opened;
    private boolean used;

    /** The probability of a crash at each step of a write. */
    double crashes;

    /** The probability that the disk fails at each step of a write, until the next incarnation. */
    double breaks;

    VoterDisk(World world, VoterHistory history, String host) {
        this.world = world;
        this.history = history;
        this.host = host;
        files.step(this::step);
        open();
    }

    private void step() throws IOException {
        if (world.chance(breaks)) {
            world.saw("broken disk");
            throw new IOException("broken");
        }
        mayCrash(world.chance(crashes));
    }

    private void mayCrash(boolean crashes) {
        if (crashes) {
            world.saw("crash at a write");
            throw new Crash();
        }
    }

    private void open() {
        try {
            opened = files.open(host, world.random);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The storage of the next incarnation of its node. The machine may have crashed, too. */
    Storage reopened() {
        crashes = 0;
        breaks = 0;
        if (world.chance(0.3)) {
            world.saw("crash of a machine");
            files.crash(world.random);
        }
        open();
        Checked next = new Checked(present());
        used = isUsed(next.content());
        return next;
    }

    /** Damages one file, so that the directory may count as lost. */
    void damage() {
        String file = world.any(files.files());
        Damage damage = world.any(List.of(Damage.values()));
        if (!file.equals("owner")) {
            world.note(host + ": " + damage + " " + file);
            world.saw("damaged file");
            files.damage(file, damage, world.random);
        }
    }

    private Storage present() {
        return Objects.requireNonNull(opened);
    }

    String directory() {
        return present().directory();
    }

    /** Whether it has an entry: without one it may begin a log with others that have none. */
    boolean isUsed() {
        return used;
    }

    private static boolean isUsed(Storage.Content content) {
        return content.snapshot().filter(snapshot -> snapshot.index() > 0).isPresent()
                || !content.entries().isEmpty();
    }

    private interface Write {
        void perform();
    }

    /** A storage that checks the ballots, and returns the content as of the last write. */
    private final class Checked implements Storage {
        private final Storage to;
        private Content content;

        Checked(Storage to) {
            this.to = to;
            this.content = to.content();
        }

        private void write(Content next, Write write) {
            int number = history.writes++;
            mayCrash(history.crashes(number, false));
            write.perform();
            content = next;
            used = isUsed(next);
            mayCrash(history.crashes(number, true));
        }

        @Override
        public void save(Ballot next) {
            Ballot before = content.ballot();
            world.check(
                    next.term() > before.term()
                            || (next.term() == before.term()
                                    && (before.votedFor().isEmpty()
                                            || before.votedFor().equals(next.votedFor()))),
                    () -> "ballot " + next + " after " + before);
            write(new Content(next, content.snapshot(), content.entries()), () -> to.save(next));
        }

        @Override
        public void append(List<RaftEntry> entries) {
            List<RaftEntry> all = new ArrayList<>(content.entries());
            all.removeIf(entry -> entry.index() >= entries.getFirst().index());
            all.addAll(entries);
            write(new Content(content.ballot(), content.snapshot(), all), () -> to.append(entries));
        }

        @Override
        public void save(Snapshot snapshot, List<RaftEntry> kept) {
            write(new Content(content.ballot(), Optional.of(snapshot), kept), () -> to.save(snapshot, kept));
        }

        @Override
        public Content content() {
            return content;
        }

        @Override
        public String directory() {
            return to.directory();
        }

        @Override
        public Condition condition() {
            return to.condition();
        }

        @Override
        public void condition(Condition next) {
            to.condition(next);
        }

        @Override
        public void close() {
            to.close();
        }
    }
}
