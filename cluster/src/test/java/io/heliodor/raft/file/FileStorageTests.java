package io.heliodor.raft.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.heliodor.raft.Ballot;
import io.heliodor.raft.Entry;
import io.heliodor.raft.LogId;
import io.heliodor.raft.Snapshot;
import io.heliodor.raft.Storage;
import io.heliodor.raft.StorageException;
import io.heliodor.raft.Voters;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStorageTests {
    private static final Voters VOTERS = Voters.named(List.of("a@host", "b@host"));

    /** The file of the owner, as it was found. */
    private static final String OWNER = "5b0786a8066140686f7374096469726563746f727900";

    /** The files of the owner, the ballot, the entries and the snapshot. */
    private static final String BYTES = """
            a96c05ab066140686f7374096469726563746f727901
            6d0a6870ac0201066240686f73740705
            48656c69000000080ce4a291ad020201036f6e6548656c69000000086fb3d865ae0202010374776f
            540f1e6201ac020102066140686f737400066240686f737400057374617465
            """;

    @TempDir
    private Path folder;

    private FileStorage open() throws IOException {
        return FileStorage.open(folder, "a@host");
    }

    private static List<Entry> entries(long from, long term, String... commands) {
        List<Entry> entries = new ArrayList<>();
        for (String command : commands) {
            entries.add(new Entry(
                    from + entries.size(), term, Entry.Kind.COMMAND, command.getBytes(StandardCharsets.UTF_8)));
        }
        return entries;
    }

    private Storage.Content content() throws IOException {
        try (FileStorage storage = open()) {
            return storage.content();
        }
    }

    private List<String> texts() throws IOException {
        return content().entries().stream()
                .map(entry ->
                        entry.index() + ":" + entry.term() + ":" + new String(entry.data(), StandardCharsets.UTF_8))
                .toList();
    }

    private static Snapshot snapshot(long index, String state) {
        return new Snapshot(index, 1, VOTERS, state.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void directoriesAndFilesArePrivate() throws IOException {
        Path directory = folder.resolve("a/b");
        try (FileStorage storage = FileStorage.open(directory, "a@host")) {
            storage.recovered(true);
            storage.save(new Ballot(300, Optional.of("b@host"), new LogId(7, 5)));
        }
        assertThat(Files.getPosixFilePermissions(directory)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files)
                    .isNotEmpty()
                    .allSatisfy(file -> assertThat(Files.getPosixFilePermissions(file))
                            .isEqualTo(PosixFilePermissions.fromString("rw-------")));
        }
    }

    /** A change of these bytes is a change of the wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() throws IOException {
        Files.write(folder.resolve("owner"), HexFormat.of().parseHex(OWNER));
        try (FileStorage storage = open()) {
            assertThat(storage.directory()).isEqualTo("directory");
            storage.recovered(true);
            storage.save(new Ballot(300, Optional.of("b@host"), new LogId(7, 5)));
            storage.save(snapshot(300, "state"), entries(301, 2, "one"));
            storage.append(entries(302, 2, "two"));
        }
        List<String> written = new ArrayList<>();
        for (String file : List.of("owner", "ballot", "entries", "snapshot")) {
            written.add(HexFormat.of().formatHex(Files.readAllBytes(folder.resolve(file))));
        }
        assertThat(written).containsExactlyElementsOf(BYTES.lines().toList());
        assertThat(texts()).containsExactly("301:2:one", "302:2:two");
    }

    @Test
    void aNewDirectoryIsEmpty() throws IOException {
        assertThat(content()).isEqualTo(Storage.Content.NONE);
    }

    @Test
    void everythingThatWasSavedIsThereAgain() throws IOException {
        try (FileStorage storage = open()) {
            storage.save(new Ballot(2, Optional.empty(), LogId.NONE));
            storage.append(entries(1, 2, "one", "two"));
            storage.append(entries(3, 2, "three"));
            storage.save(new Ballot(3, Optional.of("b@host"), new LogId(7, 5)));
            storage.append(List.of(new Entry(4, 3, Entry.Kind.EMPTY, new byte[0])));
        }
        assertThat(content().ballot()).isEqualTo(new Ballot(3, Optional.of("b@host"), new LogId(7, 5)));
        assertThat(texts()).containsExactly("1:2:one", "2:2:two", "3:2:three", "4:3:");
        assertThat(content().entries().getLast().kind()).isEqualTo(Entry.Kind.EMPTY);
    }

    @Test
    void entriesReplaceThoseFromTheirIndexOn() throws IOException {
        try (FileStorage storage = open()) {
            storage.append(entries(1, 1, "one", "two", "three"));
            storage.append(entries(2, 2, "other"));
        }
        assertThat(texts()).containsExactly("1:1:one", "2:2:other");
        try (FileStorage storage = open()) {
            storage.append(entries(3, 2, "more"));
            storage.append(entries(1, 3, "all"));
        }
        assertThat(texts()).containsExactly("1:3:all");
    }

    @Test
    void aSnapshotStandsForTheEntriesBeforeThoseThatAreKept() throws IOException {
        try (FileStorage storage = open()) {
            storage.append(entries(1, 1, "one", "two", "three", "four"));
            storage.save(snapshot(3, "up to three"), entries(3, 1, "three", "four"));
            storage.append(entries(5, 1, "five"));
        }
        assertThat(texts()).containsExactly("3:1:three", "4:1:four", "5:1:five");
        Snapshot read = content().snapshot().orElseThrow();
        assertThat(read.index()).isEqualTo(3);
        assertThat(read.voters()).isEqualTo(VOTERS);
        assertThat(read.state()).asString().isEqualTo("up to three");
        try (FileStorage storage = open()) {
            storage.save(snapshot(9, ""), List.of());
            storage.append(entries(10, 1, "ten"));
        }
        assertThat(texts()).containsExactly("10:1:ten");
    }

    @Test
    void anEndThatIsNotWholeIsCutOffAndTheRestStays() throws IOException {
        try (FileStorage storage = open()) {
            storage.append(entries(1, 1, "one"));
            storage.append(entries(2, 1, "two", "three"));
        }
        Path file = folder.resolve("entries");
        byte[] all = Files.readAllBytes(file);
        int second = all.length / 2; // within the second frame, the longer one
        for (int length = all.length - 1; length > second; length--) {
            Files.write(file, Arrays.copyOf(all, length));
            assertThat(texts()).as("%d bytes", length).containsExactly("1:1:one");
        }
        byte[] zeros = all.clone();
        Arrays.fill(zeros, second, zeros.length, (byte) 0);
        Files.write(file, zeros);
        try (FileStorage storage = open()) {
            storage.append(entries(2, 1, "again"));
        }
        assertThat(texts()).containsExactly("1:1:one", "2:1:again");
    }

    @Test
    void aDamageBeforeOtherEntriesIsRefusedAndNothingChanged() throws IOException {
        try (FileStorage storage = open()) {
            storage.append(entries(1, 1, "one"));
            storage.append(entries(2, 1, "two"));
            storage.append(entries(3, 1, "three"));
        }
        Path file = folder.resolve("entries");
        byte[] all = Files.readAllBytes(file);
        for (int at = 0; at < all.length * 2 / 3 - 3; at++) {
            byte[] damaged = all.clone();
            damaged[at] ^= 4;
            Files.write(file, damaged);
            assertThatExceptionOfType(UnusableDirectory.class)
                    .as("byte %d", at)
                    .isThrownBy(this::open)
                    .withMessageContaining("before other entries that are whole");
            assertThat(Files.readAllBytes(file)).isEqualTo(damaged);
        }
        Files.write(file, all);
        assertThat(texts()).containsExactly("1:1:one", "2:1:two", "3:1:three");
    }

    @Test
    void aDamagedBallotOrSnapshotIsRefused() throws IOException {
        try (FileStorage storage = open()) {
            storage.save(new Ballot(3, Optional.of("b@host"), new LogId(7, 5)));
            storage.save(snapshot(3, "state"), List.of());
        }
        for (String name : List.of("ballot", "snapshot", "owner")) {
            Path file = folder.resolve(name);
            byte[] all = Files.readAllBytes(file);
            byte[] damaged = all.clone();
            damaged[damaged.length - 1]++;
            Files.write(file, damaged);
            assertThatExceptionOfType(UnusableDirectory.class)
                    .isThrownBy(this::open)
                    .withMessageContaining(name);
            Files.write(file, new byte[2]);
            assertThatExceptionOfType(UnusableDirectory.class).isThrownBy(this::open);
            Files.write(file, all);
        }
        assertThat(content().snapshot()).isPresent();
    }

    @Test
    void aDirectoryBelongsToOneNodeAndIsOpenOnce() throws IOException {
        try (FileStorage _ = open()) {
            assertThatExceptionOfType(UnusableDirectory.class)
                    .isThrownBy(this::open)
                    .withMessageContaining("Another node uses the directory " + folder);
        }
        assertThatExceptionOfType(UnusableDirectory.class)
                .isThrownBy(() -> FileStorage.open(folder, "b@host"))
                .withMessageContaining("is that of node a@host, not of b@host");
        assertThat(content()).isEqualTo(Storage.Content.NONE);
    }

    /** A lock of POSIX ends when the process closes any channel of the file: a second attempt must not open it. */
    @Test
    void anAttemptToOpenADirectoryTwiceLeavesItLocked() throws Exception {
        try (FileStorage _ = open()) {
            assertThatExceptionOfType(UnusableDirectory.class).isThrownBy(this::open);
            assertThat(isLocked()).isTrue();
        }
        assertThat(isLocked()).isFalse();
    }

    /** As the operating system has it. */
    private boolean isLocked() throws IOException {
        Path locks = Path.of("/proc/locks");
        assumeThat(locks).exists();
        String file = ":" + Files.getAttribute(folder.resolve("lock"), "unix:ino") + " ";
        return Files.readAllLines(locks).stream().anyMatch(line -> line.contains("POSIX") && line.contains(file));
    }

    @Test
    void aDirectoryKeepsItsId() throws IOException {
        String first;
        try (FileStorage storage = open()) {
            first = storage.directory();
            assertThat(first).isNotEmpty();
            assertThat(storage.recovered()).isFalse();
            storage.append(entries(1, 1, "one"));
        }
        try (FileStorage storage = open()) {
            assertThat(storage.directory()).isEqualTo(first);
        }
        Files.delete(folder.resolve("owner"));
        for (int i = 0; i < 2; i++) {
            try (FileStorage storage = open()) {
                assertThat(storage.directory()).isNotEqualTo(first);
                assertThat(storage.recovered()).isTrue();
                assertThat(storage.content().entries()).hasSize(1);
            }
        }
    }

    @Test
    void entriesThatASnapshotKeptAreNotTakenForAWriteThatWasCutShort() throws IOException {
        try (FileStorage storage = open()) {
            storage.append(entries(1, 1, "one", "two", "three"));
            storage.save(snapshot(2, "up to two"), entries(2, 1, "two", "three"));
        }
        Path file = folder.resolve("entries");
        byte[] all = Files.readAllBytes(file);
        byte[] damaged = all.clone();
        damaged[all.length - 1]++;
        Files.write(file, damaged);
        assertThatExceptionOfType(UnusableDirectory.class)
                .isThrownBy(this::open)
                .withMessageContaining("damaged at byte 0, where its entries begin");
        Files.write(file, all);
        assertThat(texts()).containsExactly("2:1:two", "3:1:three");
    }

    @Test
    void afterAWriteThatFailedNothingIsWrittenAnyMore() throws IOException {
        FileStorage storage = open();
        storage.append(entries(1, 1, "one"));
        Files.createDirectory(folder.resolve("ballot.next"));
        assertThatThrownBy(() -> storage.save(new Ballot(1, Optional.empty(), LogId.NONE)))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(folder.toString());
        assertThatThrownBy(() -> storage.append(entries(2, 1, "two"))).isInstanceOf(StorageException.class);
        storage.close();
        assertThat(texts()).containsExactly("1:1:one");
    }
}
