package io.heliodor.raft.file;

import io.heliodor.link.Input;
import io.heliodor.link.Malformed;
import io.heliodor.link.Output;
import io.heliodor.raft.Ballot;
import io.heliodor.raft.Entry;
import io.heliodor.raft.Snapshot;
import io.heliodor.raft.Storage;
import io.heliodor.raft.Voters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A storage in a directory, which is locked while it is open and belongs to one node and one list of voters: another node
 * would vote twice with it. Each write is forced to disk. After a write that failed all others fail, too.
 */
public final class FileStorage implements Storage, AutoCloseable {
    private final Path directory;
    private final FileChannel lockFile;
    private final FileLock lock;
    private final DurableFile ballot;
    private final DurableFile snapshot;
    private final EntryFile entries;
    private final Content content;
    private @Nullable IOException broken;

    private FileStorage(Path directory, FileChannel lockFile, FileLock lock, String node, Voters voters)
            throws IOException {
        this.directory = directory;
        this.lockFile = lockFile;
        this.lock = lock;
        this.ballot = new DurableFile(directory, "ballot");
        this.snapshot = new DurableFile(directory, "snapshot");
        claim(node, voters);
        this.entries = EntryFile.open(directory);
        DurableFile.force(directory); // renames of a process that was killed
        try {
            this.content = new Content(readBallot(), readSnapshot(), List.copyOf(entries.load()));
        } catch (Malformed e) {
            entries.close();
            throw new UnusableDirectory("A file in " + directory + " cannot be read: " + e.getMessage(), e);
        } catch (IOException e) {
            entries.close();
            throw e;
        }
    }

    /**
     * Opens a directory, and creates it if it does not exist. Blocks.
     *
     * @param directory the directory
     * @param node the name of the node that it belongs to
     * @param voters the voters that it belongs to. Without the file {@code owner} it is given to these
     * @return the storage
     * @throws UnusableDirectory when it is damaged, belongs to another node or to other voters, is open already, or cannot be read or written
     */
    public static FileStorage open(Path directory, String node, Voters voters) throws UnusableDirectory {
        try {
            Files.createDirectories(directory);
            FileChannel lockFile =
                    FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                return new FileStorage(directory, lockFile, lock(directory, lockFile), node, voters);
            } catch (IOException e) {
                lockFile.close();
                throw e;
            }
        } catch (UnusableDirectory e) {
            throw e;
        } catch (IOException e) {
            throw new UnusableDirectory("The directory " + directory + " cannot be used: " + e, e);
        }
    }

    private static FileLock lock(Path directory, FileChannel lockFile) throws IOException {
        FileLock lock;
        try {
            lock = lockFile.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            throw new UnusableDirectory(
                    "Another node uses the directory " + directory + ". Give each voter a directory of its own.");
        }
        return lock;
    }

    private void claim(String node, Voters voters) throws IOException {
        DurableFile owner = new DurableFile(directory, "owner");
        String mine = node + " of " + String.join(",", voters.nodes());
        Optional<byte[]> present = owner.read();
        if (present.isEmpty()) {
            owner.write(mine.getBytes(StandardCharsets.UTF_8));
            return;
        }
        String before = new String(present.get(), StandardCharsets.UTF_8);
        if (!before.equals(mine)) {
            throw new UnusableDirectory("The directory " + directory + " is that of another node or of other voters ("
                    + before + "), not of " + mine + ".");
        }
    }

    private Ballot readBallot() throws IOException, Malformed {
        Optional<byte[]> bytes = ballot.read();
        if (bytes.isEmpty()) {
            return Ballot.NONE;
        }
        Input in = new Input(bytes.get());
        return new Ballot(in.number(), in.bool() ? Optional.of(in.text()) : Optional.empty());
    }

    private Optional<Snapshot> readSnapshot() throws IOException, Malformed {
        Optional<byte[]> bytes = snapshot.read();
        return bytes.isEmpty() ? Optional.empty() : Optional.of(Snapshot.read(new Input(bytes.get())));
    }

    /**
     * The content of the directory when it was opened.
     *
     * @return what was saved
     */
    public Content content() {
        return content;
    }

    private interface Writing {
        void write() throws IOException;
    }

    private void durably(Writing writing) {
        if (broken != null) {
            throw new UncheckedIOException("The directory " + directory + " could not be written to before.", broken);
        }
        try {
            writing.write();
        } catch (IOException e) {
            broken = e;
            throw new UncheckedIOException("The directory " + directory + " cannot be written to.", e);
        } catch (RuntimeException | Error e) {
            broken = new IOException(e);
            throw e;
        }
    }

    @Override
    public void save(Ballot next) {
        Output out = new Output(64).number(next.term()).bool(next.votedFor().isPresent());
        next.votedFor().ifPresent(out::text);
        durably(() -> ballot.write(out.toBytes()));
    }

    @Override
    public void append(List<Entry> added) {
        durably(() -> entries.append(added));
    }

    @Override
    public void save(Snapshot next, List<Entry> kept) {
        Output out = new Output(next.state().length + 1_024);
        next.write(out);
        durably(() -> {
            snapshot.write(out.toBytes());
            entries.replace(kept);
        });
    }

    /** Unlocks the directory. */
    @Override
    public void close() throws IOException {
        if (broken == null) {
            broken = new IOException("It is closed.");
        }
        entries.close();
        lock.release();
        lockFile.close();
    }
}
