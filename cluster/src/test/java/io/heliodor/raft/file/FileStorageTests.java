package io.heliodor.raft.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.heliodor.raft.Ballot;
import io.heliodor.raft.LogId;
import io.heliodor.raft.RaftEntry;
import io.heliodor.raft.Snapshot;
import io.heliodor.raft.Storage;
import io.heliodor.raft.Storage.Condition;
import io.heliodor.raft.StorageException;
import io.heliodor.raft.Voters;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStorageTests {
    private static final Voters VOTERS = Voters.named(List.of("a@host", "b@host"));

    /** The file of the owner, as it was found. */
    private static final String OWNER = "5b0786a8066140686f7374096469726563746f727900";

    /** The files as an earlier build wrote them: those of the owner, the ballot, the entries and the snapshot. */
    private static final String EARLIER = """
            a96c05ab066140686f7374096469726563746f727901
            6d0a6870ac0201066240686f73740705
            48656c69000000080ce4a291ad020201036f6e6548656c69000000086fb3d865ae0202010374776f
            540f1e6201ac020102066140686f737400066240686f737400057374617465
            """;

    /** The files of the owner, the ballot, the entries and the snapshot, and the slots of {@code confirmed}. */
    private static final String BYTES = """
            691621c9066140686f7374096469726563746f72790100
            d1e38e37ac0201066240686f7374070501
            48656c6700000000000000011371daf148656c69000000080ff3bfd2ad020201036f6e6548656c69000000086a8affa0ae0202010374776f
            33efcf2d01ac020102066140686f737400066240686f73740005737461746502
            c1a687440000001104096469726563746f7279010201380138000000000000000000000000000000
            721bfe740000001103096469726563746f7279010200000124000000000000000000000000000000
            """;

    @TempDir
    private Path folder;

    private FileStorage open() throws IOException {
        return FileStorage.open(folder, "a@host");
    }

    private static List<RaftEntry> entries(long from, long term, String... commands) {
        List<RaftEntry> entries = new ArrayList<>();
        for (String command : commands) {
            entries.add(new RaftEntry(
                    from + entries.size(), term, RaftEntry.Kind.COMMAND, command.getBytes(StandardCharsets.UTF_8)));
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
            storage.condition(Condition.RECOVERED);
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

    private static void permit(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    private void isRefused(Path directory, String... texts) {
        assertThatExceptionOfType(UnusableDirectory.class)
                .isThrownBy(() -> FileStorage.open(directory, "a@host"))
                .satisfies(e -> assertThat(e.getMessage()).contains(texts));
    }

    @Test
    void whatOthersMayWriteIsRefused() throws IOException {
        Path directory = folder.resolve("parent/voter");
        FileStorage.open(directory, "a@host").close();
        permit(directory, "rwxrwxrwx");
        isRefused(directory, "chmod o-w " + directory);
        permit(directory, "rwxrwxr-x"); // as volumes of Kubernetes with a group
        FileStorage.open(directory, "a@host").close();
        Path ballot = directory.resolve("owner");
        permit(ballot, "rw-rw-rw-");
        isRefused(directory, "chmod o-w " + ballot);
        permit(ballot, "rw-------");
        permit(directory.getParent(), "rwxrwxrwx");
        isRefused(directory, "chmod o-w " + directory.getParent());
        permit(directory.getParent(), "rwx------");
        FileStorage.open(directory, "a@host").close();
    }

    @Test
    void aLinkInTheDirectoryIsRefusedAndNotFollowed() throws IOException {
        Path directory = folder.resolve("voter");
        Path target = Files.writeString(folder.resolve("target"), "precious");
        for (String name : List.of("lock", "ballot", "entries.new")) {
            Files.createDirectories(directory);
            Path link = Files.createSymbolicLink(directory.resolve(name), target);
            isRefused(directory, link + " of a voter is a link to " + target);
            assertThat(Files.readString(target)).isEqualTo("precious");
            Files.delete(link);
        }
        Files.createSymbolicLink(folder.resolve("linked"), directory);
        FileStorage.open(folder.resolve("linked"), "a@host").close();
    }

    /** A change of these bytes is a change of the wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() throws IOException {
        Files.write(folder.resolve("owner"), HexFormat.of().parseHex(OWNER));
        try (FileStorage storage = open()) {
            assertThat(storage.directory()).isEqualTo("directory");
            storage.condition(Condition.RECOVERED);
            storage.save(new Ballot(300, Optional.of("b@host"), new LogId(7, 5)));
            storage.save(snapshot(300, "state"), entries(301, 2, "one"));
            storage.append(entries(302, 2, "two"));
        }
        List<String> written = new ArrayList<>();
        for (String file : List.of("owner", "ballot", "entries", "snapshot")) {
            written.add(HexFormat.of().formatHex(Files.readAllBytes(folder.resolve(file))));
        }
        byte[] confirmed = Files.readAllBytes(folder.resolve("confirmed"));
        assertThat(confirmed).hasSize(8_192);
        for (int slot = 0; slot < 2; slot++) {
            written.add(HexFormat.of().formatHex(Arrays.copyOfRange(confirmed, slot * 4_096, slot * 4_096 + 40)));
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
            storage.append(List.of(new RaftEntry(4, 3, RaftEntry.Kind.EMPTY, new byte[0])));
        }
        assertThat(content().ballot()).isEqualTo(new Ballot(3, Optional.of("b@host"), new LogId(7, 5)));
        assertThat(texts()).containsExactly("1:2:one", "2:2:two", "3:2:three", "4:3:");
        assertThat(content().entries().getLast().kind()).isEqualTo(RaftEntry.Kind.EMPTY);
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

    /** As the file is when a crash comes between a write and its confirmation. */
    @Test
    void anEndThatWasNotConfirmedIsTakenIfItIsWholeAndElseCutOff() throws IOException {
        try (FileStorage storage = open()) {
            storage.append(entries(1, 1, "one"));
        }
        Path confirmed = folder.resolve("confirmed");
        byte[] before = Files.readAllBytes(confirmed);
        Path file = folder.resolve("entries");
        int second = (int) Files.size(file) + 1; // within the second frame
        try (FileStorage storage = open()) {
            storage.append(entries(2, 1, "two", "three"));
        }
        byte[] all = Files.readAllBytes(file);
        for (int length = all.length - 1; length > second; length--) {
            Files.write(file, Arrays.copyOf(all, length));
            Files.write(confirmed, before);
            assertThat(texts()).as("%d bytes", length).containsExactly("1:1:one");
        }
        Files.write(file, all);
        Files.write(confirmed, before);
        assertThat(texts()).containsExactly("1:1:one", "2:1:two", "3:1:three");
        byte[] zeros = all.clone();
        Arrays.fill(zeros, second, zeros.length, (byte) 0);
        Files.write(file, zeros);
        Files.write(confirmed, before);
        try (FileStorage storage = open()) {
            storage.append(entries(2, 1, "again"));
        }
        assertThat(texts()).containsExactly("1:1:one", "2:1:again");
    }

    private interface Change {
        void make(Path file) throws IOException;
    }

    /** The schedule of the field: {@code entries} was lost, and the fencing token fell. */
    @Test
    void aDirectoryThatLacksAConfirmedWriteCountsAsLost() throws IOException {
        Map<String, Change> changes = Map.of(
                "missing", Files::delete,
                "empty", file -> Files.write(file, new byte[0]),
                "zeroed", file -> Files.write(file, new byte[(int) Files.size(file)]),
                "cut", file -> Files.write(file, Arrays.copyOf(Files.readAllBytes(file), (int) Files.size(file) / 2)),
                "damaged at its begin",
                        file -> {
                            byte[] all = Files.readAllBytes(file);
                            all[0] ^= 1;
                            Files.write(file, all);
                        });
        for (String name : List.of("entries", "ballot", "snapshot", "confirmed")) {
            for (Map.Entry<String, Change> change : changes.entrySet()) {
                if (name.equals("confirmed")
                        && List.of("cut", "damaged at its begin").contains(change.getKey())) {
                    continue; // a slot of it is whole
                }
                String before;
                try (FileStorage storage = open()) {
                    before = storage.directory();
                    long from = 1
                            + storage.content().snapshot().map(Snapshot::index).orElse(0L);
                    storage.save(new Ballot(3, Optional.of("b@host"), new LogId(7, 5)));
                    storage.save(snapshot(from, "state"), List.of());
                    storage.append(entries(from + 1, 1, "two"));
                    storage.append(entries(from + 2, 1, "three"));
                    storage.condition(Condition.WHOLE);
                }
                change.getValue().make(folder.resolve(name));
                for (int i = 0; i < 2; i++) {
                    try (FileStorage storage = open()) {
                        assertThat(storage.directory())
                                .as("%s %s", name, change.getKey())
                                .isNotEqualTo(before);
                        assertThat(storage.condition()).isEqualTo(Condition.INCOMPLETE);
                        assertThat(storage.content()).isEqualTo(Storage.Content.NONE);
                    }
                }
            }
        }
        assertThat(folder.resolve("entries.lost")).isNotEmptyFile();
    }

    /** As the operating guide describes it for the case that most voters are lost. */
    @Test
    void anOperatorMayContinueWithTheFilesOfALoss() throws IOException {
        try (FileStorage storage = open()) {
            storage.save(new Ballot(3, Optional.of("b@host"), new LogId(7, 5)));
            storage.append(entries(1, 1, "one"));
            storage.append(entries(2, 1, "two"));
        }
        Path file = folder.resolve("entries");
        byte[] all = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(all, all.length - 3));
        open().close();
        Files.delete(folder.resolve("confirmed"));
        open().close(); // a second loss, before it has caught up
        for (String name : List.of("entries", "ballot")) {
            Files.move(folder.resolve(name + ".lost"), folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        Files.delete(folder.resolve("owner"));
        try (FileStorage storage = open()) {
            assertThat(storage.condition()).isEqualTo(Condition.RECOVERED);
            assertThat(storage.content().ballot().log()).isEqualTo(new LogId(7, 5));
        }
        assertThat(texts()).containsExactly("1:1:one");
    }

    /** An earlier file of a backup is whole by itself. */
    @Test
    void aFileOfAnEarlierTimeCountsAsALoss() throws IOException {
        for (String name : List.of("entries", "ballot", "snapshot", "owner")) {
            byte[] earlier;
            String before;
            try (FileStorage storage = open()) {
                long from =
                        1 + storage.content().snapshot().map(Snapshot::index).orElse(0L);
                storage.save(new Ballot(3, Optional.empty(), new LogId(7, 5)));
                storage.save(snapshot(from, "state"), List.of());
                earlier = Files.readAllBytes(folder.resolve(name));
                before = storage.directory();
                storage.save(new Ballot(3, Optional.of("b@host"), new LogId(7, 5)));
                storage.append(entries(from + 1, 1, "two"));
                storage.save(snapshot(from + 1, "next"), List.of());
            }
            if (name.equals("owner")) {
                Files.delete(folder.resolve("entries"));
                open().close();
            }
            Files.write(folder.resolve(name), earlier);
            try (FileStorage storage = open()) {
                assertThat(storage.directory()).as(name).isNotEqualTo(before);
                assertThat(storage.condition()).isEqualTo(Condition.INCOMPLETE);
            }
        }
    }

    @Test
    void aDamagedOwnerIsRefused() throws IOException {
        open().close();
        Path file = folder.resolve("owner");
        byte[] damaged = Files.readAllBytes(file);
        damaged[damaged.length - 1]++;
        for (byte[] each : List.of(damaged, new byte[2])) {
            Files.write(file, each);
            assertThatExceptionOfType(UnusableDirectory.class)
                    .isThrownBy(this::open)
                    .withMessageContaining("owner");
            assertThat(Files.readAllBytes(file)).isEqualTo(each);
        }
    }

    @Test
    void aNumberWithoutANextOneIsRefused() throws IOException {
        open().close();
        Confirmed.Extent none = new Confirmed.Extent(0, 0);
        try (ConfirmedFile file = new ConfirmedFile(new DirectoryDisk(folder))) {
            file.create(new Confirmed("directory", Long.MAX_VALUE, 0, none, none));
        }
        assertThatExceptionOfType(UnusableDirectory.class)
                .isThrownBy(this::open)
                .withMessageContaining("confirmed");
    }

    /** Without a file for what it confirmed, as it is found after an update of Heliodor. */
    @Test
    void aDirectoryOfAnEarlierBuildIsRead() throws IOException {
        List<String> names = List.of("owner", "ballot", "entries", "snapshot");
        for (int i = 0; i < names.size(); i++) {
            Files.write(
                    folder.resolve(names.get(i)),
                    HexFormat.of().parseHex(EARLIER.lines().toList().get(i)));
        }
        for (int i = 0; i < 2; i++) {
            try (FileStorage storage = open()) {
                assertThat(storage.directory()).isEqualTo("directory");
                assertThat(storage.condition()).isEqualTo(Condition.RECOVERED);
                assertThat(storage.content().ballot())
                        .isEqualTo(new Ballot(300, Optional.of("b@host"), new LogId(7, 5)));
            }
            assertThat(texts()).containsExactly("301:2:one", "302:2:two");
        }
        Files.delete(folder.resolve("entries"));
        try (FileStorage storage = open()) {
            assertThat(storage.directory()).isNotEqualTo("directory");
        }
    }

    @Test
    void entriesWithoutTheSnapshotBeforeThemAreRefusedAndKept() throws IOException {
        try (FileStorage storage = open()) {
            storage.append(entries(1, 1, "one", "two", "three"));
            storage.save(snapshot(2, "up to two"), List.of());
            storage.append(entries(3, 1, "three"));
        }
        Files.delete(folder.resolve("owner"));
        Files.delete(folder.resolve("snapshot"));
        byte[] before = Files.readAllBytes(folder.resolve("entries"));
        assertThatExceptionOfType(UnusableDirectory.class)
                .isThrownBy(this::open)
                .withMessageContaining("no snapshot of the entries before entry 3");
        assertThat(Files.readAllBytes(folder.resolve("entries"))).isEqualTo(before);
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
            assertThat(storage.condition()).isEqualTo(Condition.WHOLE);
            storage.append(entries(1, 1, "one"));
        }
        try (FileStorage storage = open()) {
            assertThat(storage.directory()).isEqualTo(first);
        }
        Files.delete(folder.resolve("owner"));
        for (int i = 0; i < 2; i++) {
            try (FileStorage storage = open()) {
                assertThat(storage.directory()).isNotEqualTo(first);
                assertThat(storage.condition()).isEqualTo(Condition.RECOVERED);
                assertThat(storage.content().entries()).hasSize(1);
            }
        }
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
