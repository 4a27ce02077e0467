package io.heliodor.raft.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.raft.Ballot;
import io.heliodor.raft.LogId;
import io.heliodor.raft.RaftEntry;
import io.heliodor.raft.Snapshot;
import io.heliodor.raft.Storage;
import io.heliodor.raft.Storage.Condition;
import io.heliodor.raft.Voters;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A directory of a voter with files of two moments, of another node, cut at each byte, or without one of them. */
class MixedFilesTests {
    private static final String NODE = "a@host";
    private static final List<String> FILES = List.of("ballot", "confirmed", "entries", "snapshot");

    private static final String PART = "; ";

    private interface Write {
        void to(FileStorage storage);
    }

    /** After each of these a voter may be stopped, or a backup be taken. */
    private static final List<Write> WRITES = List.of(
            _ -> {},
            storage -> storage.save(new Ballot(1, Optional.of(NODE), new LogId(7, 0))),
            storage -> storage.append(entries(1, 1)),
            storage -> storage.save(new Ballot(2, Optional.of("b@host"), new LogId(7, 0))),
            storage -> storage.save(snapshot(1), List.of()),
            storage -> storage.append(entries(2, 2)),
            storage -> storage.append(entries(3, 3)),
            storage -> storage.save(snapshot(2), entries(3, 3)),
            storage -> storage.append(entries(4, 4)),
            storage -> storage.save(new Ballot(3, Optional.empty(), new LogId(7, 0))));

    /** The files of a moment, and what a storage read from them. */
    private record Moment(Map<String, byte[]> files, String content) {}

    @TempDir
    private Path folder;

    private final List<Moment> moments = new ArrayList<>();
    private Path directory;

    @BeforeEach
    void live() throws IOException {
        directory = folder.resolve("voter");
        moments.addAll(life(directory, NODE));
    }

    private static List<RaftEntry> entries(long from, long to) {
        List<RaftEntry> entries = new ArrayList<>();
        for (long index = from; index <= to; index++) {
            byte[] command = ("command " + index).getBytes(StandardCharsets.UTF_8);
            entries.add(new RaftEntry(index, 1, RaftEntry.Kind.COMMAND, command));
        }
        return entries;
    }

    private static Snapshot snapshot(long index) {
        return new Snapshot(index, 1, Voters.named(List.of(NODE)), ("state " + index).getBytes(StandardCharsets.UTF_8));
    }

    private static List<Moment> life(Path directory, String node) throws IOException {
        List<Moment> moments = new ArrayList<>();
        for (Write write : WRITES) {
            try (FileStorage storage = FileStorage.open(directory, node)) {
                write.to(storage);
            }
            Map<String, byte[]> files = files(directory);
            try (FileStorage storage = FileStorage.open(directory, node)) {
                moments.add(new Moment(files, text(storage.content())));
            }
        }
        return moments;
    }

    private static Map<String, byte[]> files(Path directory) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        for (String name : List.of("ballot", "confirmed", "entries", "owner", "snapshot")) {
            Path file = directory.resolve(name);
            if (Files.exists(file)) {
                files.put(name, Files.readAllBytes(file));
            }
        }
        return files;
    }

    /** The ballot, and the last entry: with the snapshot, all before it are there. */
    private static String text(Storage.Content content) {
        long last = content.snapshot().map(Snapshot::index).orElse(0L);
        for (RaftEntry entry : content.entries()) {
            assertThat(entry.index()).as("no gap").isLessThanOrEqualTo(last + 1);
            last = Math.max(last, entry.index());
        }
        return content.ballot() + PART + last;
    }

    /** The outcome of a directory: its content, {@code lost}, or {@code refused}. Each loss and refusal is reported. */
    private String open(Map<String, byte[]> files) throws IOException {
        return open(files, NODE);
    }

    private String open(Map<String, byte[]> files, String node) throws IOException {
        try (var present = Files.list(directory)) {
            for (Path file : present.toList()) {
                Files.delete(file);
            }
        }
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Files.write(directory.resolve(file.getKey()), file.getValue());
        }
        try (FileStorage storage = FileStorage.open(directory, node)) {
            if (storage.loss().isEmpty()) {
                assertThat(storage.condition()).isNotEqualTo(Condition.INCOMPLETE);
                return text(storage.content());
            }
            assertThat(storage.loss().get()).contains(directory.toString());
            assertThat(storage.condition()).isEqualTo(Condition.INCOMPLETE);
            assertThat(storage.content()).isEqualTo(Storage.Content.NONE);
            return "lost";
        } catch (UnusableDirectory e) {
            assertThat(e.getMessage()).contains(directory.toString());
            return "refused";
        }
    }

    private static Map<String, byte[]> with(Moment moment, String name, Optional<byte[]> file) {
        Map<String, byte[]> files = new TreeMap<>(moment.files());
        files.remove(name);
        file.ifPresent(bytes -> files.put(name, bytes));
        return files;
    }

    /** A mix has all of the later moment, or counts as lost, unless {@code confirmed} itself is the earlier one. */
    @Test
    void filesOfTwoMomentsHaveAllThatTheLaterOneConfirmedOrCountAsLost() throws IOException {
        TreeSet<String> found = new TreeSet<>();
        for (int later = 1; later < moments.size(); later++) {
            for (int earlier : new TreeSet<>(List.of(0, Math.max(0, later - 2), later - 1))) {
                for (int mix = 1; mix < 1 << FILES.size(); mix++) {
                    Map<String, byte[]> files = moments.get(later).files();
                    for (int i = 0; i < FILES.size(); i++) {
                        if ((mix >> i & 1) == 1) {
                            String name = FILES.get(i);
                            files = with(
                                    new Moment(files, ""),
                                    name,
                                    Optional.ofNullable(
                                            moments.get(earlier).files().get(name)));
                        }
                    }
                    String result = open(files);
                    boolean old = (mix >> FILES.indexOf("confirmed") & 1) == 1;
                    if (result.equals("lost")) {
                        found.add("lost");
                    } else if (old) {
                        // As a crash before the confirmation, each file may be ahead of it.
                        found.add("not detected");
                        assertPartsAreOf(moments.subList(earlier, later + 1), result);
                    } else {
                        found.add("all of the later moment");
                        assertThat(result)
                                .as("moments %d and %d, mix %d", earlier, later, mix)
                                .isEqualTo(moments.get(later).content());
                    }
                }
            }
        }
        assertThat(found).containsExactly("all of the later moment", "lost", "not detected");
    }

    private static void assertPartsAreOf(List<Moment> moments, String content) {
        String[] parts = content.split(PART, -1);
        for (int i = 0; i < parts.length; i++) {
            int part = i;
            assertThat(moments)
                    .extracting(moment -> moment.content().split(PART, -1)[part])
                    .contains(parts[i]);
        }
    }

    @Test
    void aFileOfAnotherNodeCountsAsLostOrIsRefused() throws IOException {
        List<Moment> others = life(folder.resolve("other"), NODE);
        List<Moment> strangers = life(folder.resolve("stranger"), "b@host");
        for (int i = 0; i < moments.size(); i++) {
            for (boolean strange : List.of(false, true)) {
                List<Moment> from = strange ? strangers : others;
                for (String name : from.get(i).files().keySet()) {
                    Optional<byte[]> file = Optional.of(from.get(i).files().get(name));
                    String expected = name.equals("owner") && strange ? "refused" : "lost";
                    assertThat(open(with(moments.get(i), name, file)))
                            .as("%s of moment %d", name, i)
                            .isEqualTo(expected);
                }
            }
            assertThat(open(strangers.get(i).files())).isEqualTo("refused");
        }
    }

    /** A file that was cut is whole up to its last confirmed byte, counts as lost, or is refused. */
    @Test
    void aFileThatIsCutAtAnyByteCountsAsLostOrLacksNothing() throws IOException {
        Moment last = moments.getLast();
        for (String name : last.files().keySet()) {
            byte[] all = last.files().get(name);
            int step = name.equals("confirmed") ? 31 : 1;
            for (int length = 0; length < all.length; length += step) {
                String result = open(with(last, name, Optional.of(Arrays.copyOf(all, length))));
                if (name.equals("owner")) {
                    assertThat(result).as("owner of %d bytes", length).isEqualTo("refused");
                } else if (name.equals("confirmed")) {
                    // Its slots are written by turns: the one before the last is whole, and the files reach it.
                    assertThat(result).as("confirmed of %d bytes", length).isIn("lost", last.content());
                } else {
                    assertThat(result).as("%s of %d bytes", name, length).isEqualTo("lost");
                }
            }
        }
    }

    /** Without its owner a directory is one that an operator chose to continue with, so this is not detected. */
    @Test
    void aDirectoryThatLostAFileCountsAsLostExceptForItsOwner() throws IOException {
        for (Moment moment : moments) {
            for (String name : moment.files().keySet()) {
                String expected = name.equals("owner") ? moment.content() : "lost";
                assertThat(open(with(moment, name, Optional.empty()))).as(name).isEqualTo(expected);
            }
        }
    }
}
