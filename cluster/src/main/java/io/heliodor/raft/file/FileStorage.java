package io.heliodor.raft.file;

import io.heliodor.link.ByteReader;
import io.heliodor.link.ByteWriter;
import io.heliodor.link.DecodeException;
import io.heliodor.raft.Ballot;
import io.heliodor.raft.Entry;
import io.heliodor.raft.LogId;
import io.heliodor.raft.Snapshot;
import io.heliodor.raft.Storage;
import io.heliodor.raft.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A storage in a directory, which is locked while it is open and belongs to one node: another one would vote twice with it.
 * Each write is forced to disk. After a write that failed all others fail, too.
 */
public final class FileStorage implements Storage, AutoCloseable {
    private final Path directory;
    private final DirectoryLock lock;
    private final DurableFile ownerFile;
    private final DurableFile ballot;
    private final DurableFile snapshot;
    private final EntryFile entries;
    private final Content content;
    private Owner owner;
    private @Nullable IOException broken;

    /** The node that a directory belongs to, and the id of the directory. */
    private record Owner(String node, String directory, boolean recovered) {
        byte[] toBytes() {
            return new ByteWriter(64).text(node).text(directory).bool(recovered).toBytes();
        }

        static Owner of(byte[] bytes) throws DecodeException {
            ByteReader in = new ByteReader(bytes);
            return new Owner(in.text(), in.text(), in.bool());
        }
    }

    private FileStorage(Path directory, DirectoryLock lock, String node) throws IOException {
        this.directory = directory;
        this.lock = lock;
        this.ownerFile = new DurableFile(directory, "owner");
        this.ballot = new DurableFile(directory, "ballot");
        this.snapshot = new DurableFile(directory, "snapshot");
        this.owner = claim(node);
        this.entries = EntryFile.open(directory);
        DurableFile.force(directory); // renames of a process that was killed
        try {
            SnapshotFile read = readSnapshot();
            this.content = new Content(readBallot(), read.snapshot(), List.copyOf(entries.load(read.entriesFollow())));
        } catch (DecodeException e) {
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
     * @return the storage
     * @throws UnusableDirectory when it is damaged, belongs to another node, is open already, or cannot be read or written
     */
    public static FileStorage open(Path directory, String node) throws UnusableDirectory {
        try {
            PrivateFiles.createDirectories(directory);
            DirectoryLock lock = DirectoryLock.take(directory);
            try {
                return new FileStorage(directory, lock, node);
            } catch (IOException | RuntimeException e) {
                lock.close();
                throw e;
            }
        } catch (UnusableDirectory e) {
            throw e;
        } catch (IOException e) {
            throw new UnusableDirectory("The directory " + directory + " cannot be used: " + e, e);
        }
    }

    /** A directory without an owner gets one. If it has entries, an operator wants to go on with them. */
    private Owner claim(String node) throws IOException {
        Optional<byte[]> present = ownerFile.read();
        if (present.isEmpty()) {
            boolean used = snapshot.exists() || EntryFile.hasEntries(directory);
            Owner next = new Owner(node, UUID.randomUUID().toString(), used);
            ownerFile.write(next.toBytes());
            return next;
        }
        try {
            Owner before = Owner.of(present.get());
            if (!before.node().equals(node)) {
                throw new UnusableDirectory("The directory " + directory + " is that of node " + before.node()
                        + ", not of " + node + ". Give each voter a directory of its own.");
            }
            return before;
        } catch (DecodeException e) {
            throw new UnusableDirectory("The file owner in " + directory + " cannot be read: " + e.getMessage(), e);
        }
    }

    private Ballot readBallot() throws IOException, DecodeException {
        Optional<byte[]> bytes = ballot.read();
        if (bytes.isEmpty()) {
            return Ballot.NONE;
        }
        ByteReader in = new ByteReader(bytes.get());
        return new Ballot(in.number(), in.optional(ByteReader::text), LogId.read(in));
    }

    private record SnapshotFile(boolean entriesFollow, Optional<Snapshot> snapshot) {}

    private SnapshotFile readSnapshot() throws IOException, DecodeException {
        Optional<byte[]> bytes = snapshot.read();
        if (bytes.isEmpty()) {
            return new SnapshotFile(false, Optional.empty());
        }
        ByteReader in = new ByteReader(bytes.get());
        return new SnapshotFile(in.bool(), Optional.of(Snapshot.read(in)));
    }

    @Override
    public Content content() {
        return content;
    }

    @Override
    public String directory() {
        return owner.directory();
    }

    @Override
    public boolean recovered() {
        return owner.recovered();
    }

    @Override
    public void recovered(boolean on) {
        Owner next = new Owner(owner.node(), owner.directory(), on);
        durably(() -> ownerFile.write(next.toBytes()));
        owner = next;
    }

    private interface Writing {
        void write() throws IOException;
    }

    private void durably(Writing writing) {
        if (broken != null) {
            throw new StorageException("The directory " + directory + " could not be written to before.", broken);
        }
        try {
            writing.write();
        } catch (IOException e) {
            broken = e;
            throw new StorageException("The directory " + directory + " cannot be written to.", e);
        } catch (RuntimeException | Error e) {
            broken = new IOException(e);
            throw e;
        }
    }

    @Override
    public void save(Ballot next) {
        ByteWriter out = new ByteWriter(64)
                .number(next.term())
                .optional(next.votedFor(), (node, to) -> to.text(node))
                .object(next.log(), LogId::write);
        durably(() -> ballot.write(out.toBytes()));
    }

    @Override
    public void append(List<Entry> added) {
        durably(() -> entries.append(added));
    }

    @Override
    public void save(Snapshot next, List<Entry> kept) {
        ByteWriter out = new ByteWriter(next.state().length + 1_024);
        out.bool(!kept.isEmpty());
        next.write(out);
        durably(() -> {
            snapshot.write(out.toBytes());
            entries.replace(kept);
        });
    }

    /** Unlocks the directory. */
    @Override
    public void close() {
        if (broken == null) {
            broken = new IOException("It is closed.");
        }
        try (DirectoryLock _ = lock) {
            entries.close();
        } catch (IOException e) {
            throw new StorageException("The directory " + directory + " could not be closed.", e);
        }
    }
}
