package io.heliodor.raft.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.raft.Ballot;
import io.heliodor.raft.LogId;
import io.heliodor.raft.RaftEntry;
import io.heliodor.raft.Snapshot;
import io.heliodor.raft.Storage;
import io.heliodor.raft.Storage.Condition;
import io.heliodor.raft.StorageException;
import io.heliodor.raft.Voters;
import io.heliodor.raft.file.SimulatedDisk.Damage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A storage keeps what it confirmed, or counts as lost: under crashes, failures of the disk, and damage of each file. */
class DiskFaultTests {
    private static final Voters VOTERS = Voters.named(List.of("a@host"));

    private static final List<Damage> DAMAGES = List.of(Damage.values());

    /** {@code -Dheliodor.seeds=100000} runs more, {@code -Dheliodor.seed=17} that one alone. */
    private static final int SEEDS = 3_000;

    private static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Crash() {
            super("crash", null, false, false);
        }
    }

    /** The content of a storage, so that it can be compared. */
    private record State(Ballot ballot, long snapshot, List<String> entries) {
        static final State NONE = new State(Ballot.NONE, 0, List.of());

        static State of(Storage.Content content) {
            long snapshot = content.snapshot().map(Snapshot::index).orElse(0L);
            List<String> texts = content.entries().stream().map(State::text).toList();
            return new State(content.ballot(), snapshot, texts);
        }

        static String text(RaftEntry entry) {
            return entry.index() + ":" + entry.term() + ":" + new String(entry.data(), StandardCharsets.UTF_8);
        }

        static long index(String text) {
            return Long.parseLong(text.substring(0, text.indexOf(':')));
        }

        State with(Ballot next) {
            return new State(next, snapshot, entries);
        }

        State with(List<RaftEntry> added) {
            List<String> all = new ArrayList<>(entries);
            all.removeIf(text -> index(text) >= added.getFirst().index());
            added.forEach(entry -> all.add(text(entry)));
            return new State(ballot, snapshot, all);
        }

        State with(long next, List<String> kept) {
            return new State(ballot, next, kept);
        }

        long last() {
            return entries.isEmpty() ? snapshot : Math.max(snapshot, index(entries.getLast()));
        }
    }

    private final Map<String, Integer> seen = new TreeMap<>();

    private void saw(String what) {
        seen.merge(what, 1, Integer::sum);
    }

    @Test
    void whatWasConfirmedIsThereOrTheDirectoryCountsAsLost() throws IOException {
        long first = Long.getLong("heliodor.seed", 0);
        long count = Long.getLong("heliodor.seeds", first == 0 ? SEEDS : 1);
        for (long seed = first; seed < first + count; seed++) {
            try {
                new History(seed, this::saw).play();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("Seed " + seed + ": " + e.getMessage(), e);
            }
        }
        if (count >= SEEDS) {
            assertThat(seen)
                    .containsKeys("crash of the machine", "crash of the process", "failure", "counts as lost", "whole")
                    .allSatisfy((what, times) -> assertThat(times).as(what).isGreaterThan(20))
                    .hasSize(7 + 5 * DAMAGES.size() - 1);
        }
    }

    /** Writes of one storage over several incarnations of its node. The seed decides every step. */
    private static final class History {
        private final Random random;
        private final Consumer<String> saw;
        private final SimulatedDisk disk = new SimulatedDisk();
        private Storage storage;
        private State confirmed = State.NONE;

        /** After the write that was interrupted, if one was. */
        private State perhaps = State.NONE;

        /** The entries before the last snapshot, if it was the last change of them: they contain those that it kept. */
        private List<String> beforeSnapshot = List.of();

        History(long seed, Consumer<String> saw) throws IOException {
            this.random = new Random(seed * 0x9E3779B97F4A7C15L + 1);
            this.saw = saw;
            this.storage = disk.open("a@host", random);
        }

        void play() throws IOException {
            for (int incarnations = 1 + random.nextInt(6); incarnations > 0; incarnations--) {
                write();
                reopen();
            }
        }

        private void write() {
            boolean fails = random.nextInt(3) == 0;
            int[] left = {random.nextInt(200)};
            disk.step(() -> {
                if (left[0]-- == 0) {
                    if (!fails) {
                        throw new Crash();
                    }
                    left[0] = 0;
                    throw new IOException("no space");
                }
            });
            try {
                for (int writes = random.nextInt(20); writes > 0; writes--) {
                    change();
                }
            } catch (Crash _) {
                saw.accept("crash at a write");
            } catch (StorageException _) {
                saw.accept("failure");
            }
            disk.step(() -> {});
        }

        private void change() {
            switch (random.nextInt(6)) {
                case 0 -> {
                    Ballot next = new Ballot(
                            confirmed.ballot().term() + 1,
                            random.nextBoolean() ? Optional.of("b@host") : Optional.empty(),
                            new LogId(random.nextInt(3), 0));
                    perhaps = confirmed.with(next);
                    storage.save(next);
                }
                case 1 -> snapshot();
                default -> {
                    long uncommitted = Math.min(confirmed.entries().size(), confirmed.last() - confirmed.snapshot());
                    long back = random.nextInt(8) == 0 ? Math.min(uncommitted, random.nextInt(3)) : 0;
                    List<RaftEntry> added = entries(confirmed.last() + 1 - back);
                    perhaps = confirmed.with(added);
                    storage.append(added);
                    beforeSnapshot = perhaps.entries();
                }
            }
            confirmed = perhaps;
        }

        private void snapshot() {
            if (confirmed.last() == 0) {
                return;
            }
            long index = confirmed.snapshot() + random.nextLong(confirmed.last() - confirmed.snapshot() + 1);
            if (index == 0) {
                return;
            }
            boolean none = random.nextInt(3) == 0;
            List<RaftEntry> kept = storageEntries().stream()
                    .filter(entry -> !none && entry.index() > index - 2)
                    .toList();
            beforeSnapshot = confirmed.entries();
            perhaps = confirmed.with(index, kept.stream().map(State::text).toList());
            storage.save(new Snapshot(index, 1, VOTERS, new byte[random.nextInt(2_000)]), kept);
        }

        private List<RaftEntry> storageEntries() {
            return confirmed.entries().stream()
                    .map(text -> {
                        String[] parts = text.split(":", 3);
                        return new RaftEntry(
                                Long.parseLong(parts[0]),
                                Long.parseLong(parts[1]),
                                RaftEntry.Kind.COMMAND,
                                parts[2].getBytes(StandardCharsets.UTF_8));
                    })
                    .toList();
        }

        private List<RaftEntry> entries(long from) {
            List<RaftEntry> entries = new ArrayList<>();
            for (int i = 0; i <= random.nextInt(3); i++) {
                byte[] data = "x".repeat(random.nextInt(600)).getBytes(StandardCharsets.UTF_8);
                entries.add(new RaftEntry(from + i, 1 + random.nextInt(9), RaftEntry.Kind.COMMAND, data));
            }
            return entries;
        }

        /** A node that crashes while it starts. */
        private void interruptedOpening() throws IOException {
            int[] left = {random.nextInt(60)};
            disk.step(() -> {
                if (left[0]-- == 0) {
                    throw new Crash();
                }
            });
            try {
                Storage _ = disk.open("a@host", random);
            } catch (Crash _) {
                saw.accept("crash at a start");
                if (random.nextBoolean()) {
                    disk.crash(random);
                }
            } finally {
                disk.step(() -> {});
            }
        }

        private void reopen() throws IOException {
            if (random.nextBoolean()) {
                saw.accept("crash of the machine");
                disk.crash(random);
            } else {
                saw.accept("crash of the process");
            }
            boolean damaged = random.nextInt(3) == 0;
            String file = List.of("ballot", "confirmed", "entries", "owner", "snapshot")
                    .get(random.nextInt(5));
            Damage damage = DAMAGES.get(random.nextInt(DAMAGES.size()));
            if (file.equals("owner") && damage == Damage.MISSING) {
                damaged = false; // the choice of an operator
            }
            if (damaged) {
                saw.accept(damage + " " + file);
                disk.damage(file, damage, random);
            }
            String before = storage.directory();
            Condition condition = storage.condition();
            try {
                interruptedOpening();
                storage = disk.open("a@host", random);
            } catch (UnusableDirectory e) {
                assertThat(damaged && file.equals("owner")).as("%s", e).isTrue();
                disk.damage("owner", Damage.OLD, random);
                storage = disk.open("a@host", random);
            }
            State state = State.of(storage.content());
            if (storage.directory().equals(before)) {
                saw.accept("whole");
                assertThat(storage.condition()).isEqualTo(condition);
                assertThat(state)
                        .isIn(
                                confirmed,
                                perhaps,
                                new State(confirmed.ballot(), confirmed.snapshot(), beforeSnapshot),
                                new State(perhaps.ballot(), perhaps.snapshot(), beforeSnapshot));
                confirmed = state;
            } else {
                saw.accept("counts as lost");
                assertThat(damaged)
                        .as("a loss without a damage: %s, %s", file, damage)
                        .isTrue();
                assertThat(storage.condition()).isEqualTo(Condition.INCOMPLETE);
                assertThat(state).isEqualTo(State.NONE);
                confirmed = State.NONE;
            }
            if (!confirmed.entries().isEmpty()
                    && State.index(confirmed.entries().getLast()) < confirmed.snapshot()) {
                // As a member does with entries that do not reach its snapshot.
                storage.save(new Snapshot(confirmed.snapshot(), 1, VOTERS, new byte[0]), List.of());
                confirmed = confirmed.with(confirmed.snapshot(), List.of());
            }
            perhaps = confirmed;
            beforeSnapshot = confirmed.entries();
        }
    }
}
