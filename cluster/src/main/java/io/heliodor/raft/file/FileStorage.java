package io.heliodor.raft.file;

import io.heliodor.binary.DecodeException;
import io.heliodor.raft.Ballot;
import io.heliodor.raft.RaftEntry;
import io.heliodor.raft.Snapshot;
import io.heliodor.raft.Storage;
import io.heliodor.raft.StorageException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A storage in a directory, which is locked while it is open and belongs to one node: another one would vote twice with it.
 * Each write is forced to disk, and then the extent of all that is confirmed. After a write that failed all others fail, too.
 *
 * <p>A directory whose files lack a confirmed write gets a new id and no content, and is {@link Condition#INCOMPLETE}. Its
 * files get names that end with {@code .lost}.
 */
public final class FileStorage implements Storage {
    private static final List<String> CONTENT = List.of("ballot", "snapshot", "entries");

    private final Disk disk;
    private final Closeable lock;
    private final DurableFile ownerFile;
    private final DurableFile ballotFile;
    private final DurableFile snapshotFile;
    private final EntryFile entries;
    private final ConfirmedFile confirmedFile;
    private final Content content;
    private final Optional<String> loss;
    private DirectoryOwner owner;
    private Confirmed confirmed;
    private @Nullable IOException broken;

    /**
     * Reads the files of a disk.
     *
     * @param ids supplies the id of a directory
     * @param lock closed with the storage
     */
    FileStorage(Disk disk, String node, Supplier<String> ids, Closeable lock) throws IOException {
        this.disk = disk;
        this.lock = lock;
        this.ownerFile = new DurableFile(disk, "owner");
        this.ballotFile = new DurableFile(disk, "ballot");
        this.snapshotFile = new DurableFile(disk, "snapshot");
        this.entries = new EntryFile(disk);
        this.confirmedFile = new ConfirmedFile(disk);
        disk.force(); // renames of a process that was killed
        Opened opened;
        try {
            Optional<DirectoryOwner> present = owner(node);
            opened = present.isPresent() && present.get().confirms()
                    ? confirmed(present.get(), ids)
                    : claimed(present, node, ids);
        } catch (DecodeException e) {
            throw new UnusableDirectory("A file in " + disk + " cannot be read: " + e.getMessage(), e);
        }
        this.owner = opened.owner();
        this.confirmed = opened.confirmed();
        this.content = opened.content().content();
        this.loss = opened.loss();
    }

    private record Opened(DirectoryOwner owner, Confirmed confirmed, DirectoryContent content, Optional<String> loss) {}

    private Optional<DirectoryOwner> owner(String node) throws IOException, DecodeException {
        Optional<byte[]> bytes = ownerFile.read();
        if (bytes.isEmpty()) {
            return Optional.empty();
        }
        DirectoryOwner present = DirectoryOwner.of(bytes.get());
        if (!present.node().equals(node)) {
            throw new UnusableDirectory("The directory " + disk + " is that of node " + present.node() + ", not of "
                    + node + ". Give each voter a directory of its own.");
        }
        return Optional.of(present);
    }

    /**
     * A directory that has no owner, or one of an earlier build, which confirmed without a file for it. Without an owner but
     * with entries, an operator wants to continue with them.
     */
    private Opened claimed(Optional<DirectoryOwner> present, String node, Supplier<String> ids)
            throws IOException, DecodeException {
        DirectoryContent found =
                DirectoryContent.of(ballotFile.read(), snapshotFile.read(), entries.read(), entries.extent());
        String id = present.map(DirectoryOwner::directory).orElseGet(ids);
        if (found.hasGap()) {
            throw new UnusableDirectory("The directory " + disk + " has no snapshot of the entries before entry "
                    + found.entries().getFirst().index() + ". Give this voter an empty directory.");
        }
        Condition condition =
                present.map(DirectoryOwner::condition).orElse(found.isUsed() ? Condition.RECOVERED : Condition.WHOLE);
        DirectoryOwner next = new DirectoryOwner(node, id, condition, true);
        if (present.isEmpty() && !found.isUsed() && found.ballot().equals(Ballot.NONE)) {
            found = empty(id);
        } else {
            entries.open();
        }
        Confirmed all = found.confirmed(next.directory());
        confirmedFile.create(all);
        ownerFile.write(next.toBytes());
        return new Opened(next, all, found, Optional.empty());
    }

    private Opened confirmed(DirectoryOwner present, Supplier<String> ids) throws IOException, DecodeException {
        DirectoryContent found = DirectoryContent.of(
                ballotFile.readIfWhole(), snapshotFile.readIfWhole(), entries.read(), entries.extent());
        Optional<Confirmed> last = confirmedFile.read();
        Optional<String> lacks = last.isEmpty()
                ? Optional.of("its file confirmed is missing or damaged")
                : found.lacks(present.directory(), last.get());
        if (lacks.isPresent()) {
            return emptied(present, ids.get(), "The directory " + disk + ": " + lacks.get() + ".");
        }
        Confirmed all = found.confirmed(present.directory());
        entries.open(); // an entry of a process that was killed is forced before it is confirmed
        if (!last.get().equals(all)) {
            confirmedFile.write(all); // a crash came between a write and its confirmation
        }
        return new Opened(present, all, found, lacks);
    }

    /**
     * Begins again like a directory that is lost. The new id is durable first: without its files, the former one may agree with
     * an old confirmation. A directory that had not caught up with an earlier loss keeps the files of that one.
     */
    private Opened emptied(DirectoryOwner former, String id, String loss) throws IOException, DecodeException {
        DirectoryOwner next = new DirectoryOwner(former.node(), id, Condition.INCOMPLETE, true);
        ownerFile.write(next.toBytes());
        String suffix = former.condition() == Condition.INCOMPLETE ? ".incomplete" : ".lost";
        for (String name : CONTENT) {
            if (disk.read(name).isPresent()) {
                disk.rename(name, name + suffix);
            }
        }
        disk.force();
        DirectoryContent empty = empty(id);
        Confirmed nothing = empty.confirmed(id);
        confirmedFile.create(nothing);
        return new Opened(next, nothing, empty, Optional.of(loss));
    }

    /**
     * Writes the files of an empty directory. The numbers are far from those of any other directory, so that none of its files,
     * or of the former content, is taken for a present one.
     */
    private DirectoryContent empty(String id) throws IOException, DecodeException {
        long number = 1_000L * Integer.toUnsignedLong(id.hashCode());
        byte[] ballot = DirectoryContent.ballot(Ballot.NONE, number);
        ballotFile.write(ballot);
        entries.replace(EntryFile.replacement(List.of(), number));
        return DirectoryContent.of(Optional.of(ballot), Optional.empty(), entries.read(), entries.extent());
    }

    /**
     * Opens a directory, and creates it if it does not exist. Blocks.
     *
     * @param directory the directory
     * @param node the name of the node that it belongs to
     * @return the storage
     * @throws UnusableDirectory when other users of the machine may write to it or it has a link, when it belongs to another node, is open already, cannot be read or written, or when its file
     *     {@code owner} is damaged
     */
    public static FileStorage open(Path directory, String node) throws UnusableDirectory {
        try {
            PrivateFiles.createDirectories(directory);
            PrivateFiles.check(directory);
            DirectoryLock lock = DirectoryLock.take(directory);
            try {
                return new FileStorage(
                        new DirectoryDisk(directory),
                        node,
                        () -> UUID.randomUUID().toString(),
                        lock);
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

    @Override
    public Optional<String> loss() {
        return loss;
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
    public Condition condition() {
        return owner.condition();
    }

    @Override
    public void condition(Condition next) {
        DirectoryOwner changed = owner.with(next);
        durably(() -> ownerFile.write(changed.toBytes()));
        owner = changed;
    }

    private interface Writing {
        void write() throws IOException;
    }

    private void durably(Writing writing) {
        if (broken != null) {
            throw new StorageException("The directory " + disk + " could not be written to before.", broken);
        }
        try {
            writing.write();
        } catch (IOException e) {
            broken = e;
            throw new StorageException("The directory " + disk + " cannot be written to.", e);
        } catch (RuntimeException | Error e) {
            broken = new IOException(e);
            throw e;
        }
    }

    private void confirm(Confirmed next) throws IOException {
        confirmedFile.write(next);
        confirmed = next;
    }

    @Override
    public void save(Ballot next) {
        durably(() -> {
            long number = confirmed.nextNumber();
            ballotFile.write(DirectoryContent.ballot(next, number));
            confirm(confirmed.ballot(number));
        });
    }

    @Override
    public void append(List<RaftEntry> added) {
        durably(() -> {
            entries.append(added);
            confirm(confirmed.entries(entries.extent()));
        });
    }

    @Override
    public void save(Snapshot next, List<RaftEntry> kept) {
        EntryFile.Replacement replacement = entries.replacement(kept);
        durably(() -> {
            long number = confirmed.nextNumber();
            snapshotFile.write(DirectoryContent.snapshot(next, number, !kept.isEmpty()));
            confirm(confirmed.snapshot(number, replacement.extent()));
            entries.replace(replacement);
            confirmed = confirmed.entries(entries.extent()); // on the disk as the next one
        });
    }

    /** Unlocks the directory. */
    @Override
    public void close() {
        if (broken == null) {
            broken = new IOException("It is closed.");
        }
        try (Closeable _ = lock;
                ConfirmedFile _ = confirmedFile) {
            entries.close();
        } catch (IOException e) {
            throw new StorageException("The directory " + disk + " could not be closed.", e);
        }
    }
}
