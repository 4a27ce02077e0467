package io.heliodor.link.jgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.link.Peer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.jgroups.Address;
import org.jgroups.protocols.raft.LogEntries;
import org.jgroups.protocols.raft.LogEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTests {
    private static final List<String> VOTERS = List.of("a@host", "b@host");

    @TempDir
    private Path folder;

    private Journal open() throws IOException {
        return Journal.open(folder, "a@host", VOTERS);
    }

    private static LogEntries entries(long term, String... commands) {
        LogEntries entries = new LogEntries();
        for (String command : commands) {
            entries.add(new LogEntry(term, command.getBytes(StandardCharsets.UTF_8)));
        }
        return entries;
    }

    private static List<String> content(Journal journal) {
        return LongStream.rangeClosed(Math.max(1, journal.firstAppended()), journal.lastAppended())
                .mapToObj(index -> {
                    LogEntry entry = journal.get(index);
                    return index + ":" + entry.term() + ":"
                            + new String(entry.command(), entry.offset(), entry.length(), StandardCharsets.UTF_8);
                })
                .toList();
    }

    @Test
    void whatWasWrittenIsThereAgain() throws IOException {
        Address vote =
                Addresses.of(new Peer("b@host", 7), new InetSocketAddress(InetAddress.getLoopbackAddress(), 7100));
        try (Journal journal = open()) {
            assertThat(journal.lastAppended()).isZero();
            journal.currentTerm(3);
            journal.votedFor(vote);
            journal.append(1, entries(3, "one", "two"));
            journal.append(3, entries(3, "three"));
        }
        try (Journal journal = open()) {
            assertThat(content(journal)).containsExactly("1:3:one", "2:3:two", "3:3:three");
            assertThat(journal.currentTerm()).isEqualTo(3);
            assertThat(journal.votedFor()).isEqualTo(vote);
            assertThat(journal.firstAppended()).isZero();
        }
    }

    @Test
    void aTermDoesNotBecomeLowerAndAVoteIsNotTakenBack() throws IOException {
        Address vote =
                Addresses.of(new Peer("b@host", 7), new InetSocketAddress(InetAddress.getLoopbackAddress(), 7100));
        try (Journal journal = open()) {
            journal.currentTerm(3);
            journal.votedFor(vote);
            journal.currentTerm(2);
            journal.votedFor(null);
            journal.append(1, entries(1, "of an old term"));
        }
        try (Journal journal = open()) {
            assertThat(journal.currentTerm()).isEqualTo(3);
            assertThat(journal.votedFor()).isEqualTo(vote);
            journal.currentTerm(4);
            assertThat(journal.votedFor()).isNull();
        }
    }

    @Test
    void entriesAreReplacedFromAnIndexOn() throws IOException {
        try (Journal journal = open()) {
            journal.append(1, entries(1, "one", "two", "three"));
            journal.append(2, entries(2, "other"));
            assertThat(content(journal)).containsExactly("1:1:one", "2:2:other");
            journal.append(3, entries(2, "more", "and more"));
            journal.deleteAllEntriesStartingFrom(4);
        }
        try (Journal journal = open()) {
            assertThat(content(journal)).containsExactly("1:1:one", "2:2:other", "3:2:more");
            assertThatThrownBy(() -> journal.append(5, entries(2, "gap"))).hasMessageContaining("does not follow");
        }
    }

    @Test
    void aSnapshotStandsForWhatWasBefore() throws IOException {
        try (Journal journal = open()) {
            journal.append(1, entries(1, "one", "two", "three", "four"));
            journal.commitIndex(3);
            journal.setSnapshot(ByteBuffer.wrap("up to three".getBytes(StandardCharsets.UTF_8)));
            journal.truncate(3);
            journal.append(5, entries(1, "five"));
        }
        try (Journal journal = open()) {
            assertThat(content(journal)).containsExactly("3:1:three", "4:1:four", "5:1:five");
            assertThat(journal.getSnapshot().array()).asString().isEqualTo("up to three");
            assertThat(journal.commitIndex()).isEqualTo(3);
            assertThat(journal.get(2)).isNull();
            journal.reinitializeTo(9, new LogEntry(2, null));
            journal.append(10, entries(2, "ten"));
        }
        try (Journal journal = open()) {
            assertThat(content(journal)).containsExactly("9:2:", "10:2:ten");
        }
    }

    @Test
    void anEntryThatIsNotWholeIsCutOffAndWhatWasBeforeStays() throws IOException {
        try (Journal journal = open()) {
            journal.append(1, entries(1, "one", "two"));
        }
        Path file = folder.resolve("entries");
        byte[] all = Files.readAllBytes(file);
        for (int length = all.length - 1; length > all.length / 2; length--) {
            Files.write(file, Arrays.copyOf(all, length));
            try (Journal journal = open()) {
                assertThat(content(journal)).containsExactly("1:1:one");
                journal.append(2, entries(2, "again"));
                assertThat(content(journal)).containsExactly("1:1:one", "2:2:again");
            }
        }
        byte[] changed = all.clone();
        changed[changed.length - 1]++;
        Files.write(file, changed);
        try (Journal journal = open()) {
            assertThat(content(journal)).containsExactly("1:1:one");
        }
    }

    @Test
    void aDamagedBallotIsNoBallot() throws IOException {
        try (Journal journal = open()) {
            journal.currentTerm(3);
        }
        Path file = folder.resolve("ballot");
        byte[] all = Files.readAllBytes(file);
        all[all.length - 2]++;
        Files.write(file, all);
        assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("damaged");
        Files.delete(file);
        open().close();
    }

    @Test
    void aDirectoryIsThatOfOneNodeAndOneList() throws IOException {
        open().close();
        assertThatThrownBy(() -> Journal.open(folder, "b@host", VOTERS)).hasMessageContaining("another node");
        assertThatThrownBy(() -> Journal.open(folder, "a@host", List.of("a@host")))
                .hasMessageContaining("other voters");
        try (Journal journal = open()) {
            assertThatThrownBy(this::open).hasMessageContaining("Another node uses");
            assertThat(journal.lastAppended()).isZero();
        }
    }

    @Test
    void afterItIsClosedNothingIsWritten() throws IOException {
        Journal journal = open();
        journal.close();
        assertThatThrownBy(() -> journal.append(1, entries(1, "late"))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> journal.currentTerm(9)).isInstanceOf(IllegalStateException.class);
        try (Journal again = open()) {
            assertThat(again.lastAppended()).isZero();
            assertThat(again.currentTerm()).isZero();
        }
    }
}
