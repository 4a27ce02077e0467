package io.heliodor.link.jgroups;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ObjLongConsumer;
import java.util.zip.CRC32;
import org.jgroups.Address;
import org.jgroups.protocols.raft.Log;
import org.jgroups.protocols.raft.LogEntries;
import org.jgroups.protocols.raft.LogEntry;
import org.jgroups.util.Util;
import org.jspecify.annotations.Nullable;

/**
 * What a voter must not forget: its term and vote, the entries of the log, and the snapshot that stands for older ones.
 * All of it is forced to disk before the method that wrote it returns; what cannot be written is an exception, and then
 * nothing is written any more. The log that comes with the library forces neither the vote nor the snapshot, goes on after
 * an error, and lets the term become lower.
 *
 * <p>All entries behind the snapshot are kept in memory, too: a snapshot is made when they have more than 1 MB.
 *
 * <p>How far the log is committed is not kept: the next leader says it.
 */
final class Journal implements Log {
    private static final String ENTRIES = "entries";
    private static final String BALLOT = "ballot";
    private static final String SNAPSHOT = "snapshot";
    private static final int HEADER = Integer.BYTES + Integer.BYTES;
    private static final int FIELDS = Long.BYTES + Long.BYTES + 1;
    private static final int LONGEST = 64 << 20;

    /** A directory that a voter cannot use. */
    static final class Unusable extends IOException {
        private static final long serialVersionUID = 1L;

        Unusable(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    private final Path folder;
    private final FileChannel locked;
    private final FileLock lock;
    private FileChannel file;

    /** From the first one on: {@code entries.get(i)} is at {@code first + i}, and begins at {@code positions.get(i)}. */
    private List<LogEntry> entries = new ArrayList<>();

    private List<Long> positions = new ArrayList<>();
    private long first = 1;
    private long end;

    private long term;
    private @Nullable Address vote;
    private long commit;
    private byte @Nullable [] snapshot;
    private @Nullable IOException broken;

    private Journal(Path folder, FileChannel locked, FileLock lock, FileChannel file) {
        this.folder = folder;
        this.locked = locked;
        this.lock = lock;
        this.file = file;
    }

    /**
     * Opens one, or begins it.
     *
     * @throws Unusable when it cannot be read, is not whole, is open already, or is that of another node or of other voters
     */
    static Journal open(Path folder, String node, List<String> voters) throws Unusable {
        Journal journal = null;
        try {
            Files.createDirectories(folder);
            journal = locked(folder);
            journal.claim(node, voters);
            journal.load();
            return journal;
        } catch (IOException e) {
            if (journal != null) {
                journal.closeQuietly();
            }
            throw e instanceof Unusable unusable
                    ? unusable
                    : new Unusable("The directory " + folder + " cannot be used: " + e, e);
        }
    }

    private static Journal locked(Path folder) throws IOException {
        FileChannel locked =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock;
        try {
            lock = locked.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            locked.close();
            throw new Unusable("Another node uses " + folder + ". Give each voter a directory of its own.", null);
        }
        return new Journal(folder, locked, lock, openEntries(folder));
    }

    private static FileChannel openEntries(Path folder) throws IOException {
        return FileChannel.open(
                folder.resolve(ENTRIES), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private void load() throws IOException {
        byte[] ballot = read(BALLOT);
        if (ballot != null) {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(ballot));
            term = in.readLong();
            try {
                vote = in.readBoolean() ? Util.readAddress(in) : null;
            } catch (ClassNotFoundException e) {
                throw new Unusable("The vote in " + folder + " is for an unknown kind of address.", e);
            }
        }
        snapshot = read(SNAPSHOT);
        loadEntries();
        // What a snapshot stands for is committed; of the rest the next leader tells.
        commit = firstAppended();
    }

    /** Reads entries until the first that is not whole: it was being written when the node ended, and nobody was told of it. */
    private void loadEntries() throws IOException {
        ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(file.size()));
        int read;
        do {
            read = file.read(all, all.position());
        } while (read > 0);
        all.flip();
        while (all.remaining() >= HEADER) {
            int at = all.position();
            int length = all.getInt();
            int sum = all.getInt();
            if (length < FIELDS || length > all.remaining() || sum != sum(all.array(), all.position(), length)) {
                break;
            }
            long index = all.getLong();
            long entryTerm = all.getLong();
            boolean internal = all.get() != 0;
            byte[] command = new byte[length - FIELDS];
            all.get(command);
            if (entries.isEmpty()) {
                first = index;
            } else if (index != first + entries.size()) {
                throw new Unusable("The entries in " + folder + " have a gap before " + index + ".", null);
            }
            entries.add(entry(entryTerm, command, internal));
            positions.add((long) at);
            end = all.position();
        }
        file.truncate(end);
    }

    private static LogEntry entry(long term, byte[] command, boolean internal) {
        return new LogEntry(term, command, 0, command.length, internal);
    }

    private static int sum(byte[] bytes, int from, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }

    private byte @Nullable [] read(String name) throws IOException {
        Path path = folder.resolve(name);
        if (!Files.exists(path)) {
            return null;
        }
        ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(path));
        if (all.remaining() < Integer.BYTES || all.getInt() != sum(all.array(), all.position(), all.remaining())) {
            throw new Unusable("The file " + path + " is damaged.", null);
        }
        byte[] content = new byte[all.remaining()];
        all.get(content);
        return content;
    }

    /** Puts a file in the place of another one: after a crash there is the one or the other, whole. */
    private void replace(String name, byte[] content) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(Integer.BYTES + content.length)
                .putInt(sum(content, 0, content.length))
                .put(content)
                .flip();
        replaceBy(name, all);
    }

    private void replaceBy(String name, ByteBuffer all) throws IOException {
        Path next = folder.resolve(name + ".next");
        try (FileChannel out = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            write(out, all, 0);
            out.force(true);
        }
        Files.move(next, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    private static void write(FileChannel out, ByteBuffer bytes, long from) throws IOException {
        long at = from;
        while (bytes.hasRemaining()) {
            at += out.write(bytes, at);
        }
    }

    /** Something that writes. */
    private interface Writing {
        void write() throws IOException;
    }

    private void durably(Writing writing) {
        if (broken != null) {
            throw new IllegalStateException("Nothing is written to " + folder + " any more.", broken);
        }
        try {
            writing.write();
        } catch (IOException e) {
            broken = e;
            throw new IllegalStateException("The directory " + folder + " cannot be written to. This voter stops.", e);
        }
    }

    @Override
    public void init(String name, Map<String, String> args) {}

    @Override
    public Log useFsync(boolean value) {
        return this;
    }

    @Override
    public boolean useFsync() {
        return true;
    }

    @Override
    public synchronized void delete() throws IOException {
        close();
        for (String name : List.of(ENTRIES, BALLOT, SNAPSHOT)) {
            Files.deleteIfExists(folder.resolve(name));
        }
    }

    @Override
    public synchronized long currentTerm() {
        return term;
    }

    @Override
    public synchronized Log currentTerm(long next) {
        if (next > term) {
            durably(() -> writeBallot(next, null));
        }
        return this;
    }

    @Override
    public synchronized @Nullable Address votedFor() {
        return vote;
    }

    @Override
    public synchronized Log votedFor(@Nullable Address member) {
        // That there is no vote comes with a new term only, and was written with it.
        if (member != null && !member.equals(vote)) {
            durably(() -> writeBallot(term, member));
        }
        return this;
    }

    private void writeBallot(long nextTerm, @Nullable Address nextVote) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeLong(nextTerm);
        out.writeBoolean(nextVote != null);
        if (nextVote != null) {
            Util.writeAddress(nextVote, out);
        }
        replace(BALLOT, bytes.toByteArray());
        term = nextTerm;
        vote = nextVote;
    }

    @Override
    public synchronized long commitIndex() {
        return commit;
    }

    @Override
    public synchronized Log commitIndex(long index) {
        commit = index;
        return this;
    }

    @Override
    public synchronized long firstAppended() {
        // 0 while there is no snapshot, as the library wants it.
        return snapshot == null ? 0 : first;
    }

    @Override
    public synchronized long lastAppended() {
        return first + entries.size() - 1;
    }

    @Override
    public synchronized void setSnapshot(ByteBuffer content) {
        byte[] next = new byte[content.remaining()];
        content.duplicate().get(next);
        durably(() -> replace(SNAPSHOT, next));
        snapshot = next;
    }

    @Override
    public synchronized @Nullable ByteBuffer getSnapshot() {
        return snapshot == null ? null : ByteBuffer.wrap(snapshot);
    }

    @Override
    public synchronized long append(long index, LogEntries added) {
        if (index < first || index > lastAppended() + 1) {
            throw new IllegalStateException(
                    "Entry " + index + " does not follow " + first + " to " + lastAppended() + ".");
        }
        durably(() -> {
            cut(index);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            List<LogEntry> next = new ArrayList<>();
            List<Long> where = new ArrayList<>();
            for (LogEntry entry : added) {
                where.add(end + bytes.size());
                LogEntry own = copy(entry);
                bytes.writeBytes(record(index + next.size(), own));
                next.add(own);
            }
            write(file, ByteBuffer.wrap(bytes.toByteArray()), end);
            file.force(true);
            end += bytes.size();
            entries.addAll(next);
            positions.addAll(where);
        });
        return lastAppended();
    }

    private static LogEntry copy(LogEntry entry) {
        byte[] command = new byte[entry.length()];
        if (entry.length() > 0) {
            System.arraycopy(entry.command(), entry.offset(), command, 0, command.length);
        }
        return entry(entry.term(), command, entry.internal());
    }

    private static byte[] record(long index, LogEntry entry) {
        int length = FIELDS + entry.length();
        if (length > LONGEST) {
            throw new IllegalArgumentException("A command of " + entry.length() + " bytes is too long.");
        }
        ByteBuffer record = ByteBuffer.allocate(HEADER + length)
                .putInt(length)
                .putInt(0)
                .putLong(index)
                .putLong(entry.term())
                .put((byte) (entry.internal() ? 1 : 0));
        if (entry.length() > 0) {
            record.put(entry.command(), entry.offset(), entry.length());
        }
        return record.putInt(Integer.BYTES, sum(record.array(), HEADER, length)).array();
    }

    /** Drops what is there from an index on. */
    private void cut(long index) throws IOException {
        int keep = (int) (index - first);
        if (keep < entries.size()) {
            end = positions.get(keep);
            file.truncate(end);
            entries = new ArrayList<>(entries.subList(0, keep));
            positions = new ArrayList<>(positions.subList(0, keep));
        }
    }

    @Override
    public synchronized @Nullable LogEntry get(long index) {
        return index < first || index > lastAppended() ? null : entries.get((int) (index - first));
    }

    /** Forgets what is before an index, which a snapshot stands for. */
    @Override
    public synchronized void truncate(long index) {
        long from = Math.min(index, commit);
        if (from > first && from <= lastAppended()) {
            durably(() -> rewrite(from, new ArrayList<>(entries.subList((int) (from - first), entries.size()))));
        }
    }

    /** Forgets everything but one entry, which a snapshot stands for. */
    @Override
    public synchronized void reinitializeTo(long index, LogEntry entry) {
        durably(() -> rewrite(index, new ArrayList<>(List.of(copy(entry)))));
        commit = index;
    }

    private void rewrite(long from, List<LogEntry> next) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        List<Long> where = new ArrayList<>();
        for (LogEntry entry : next) {
            where.add((long) bytes.size());
            bytes.writeBytes(record(from + where.size() - 1, entry));
        }
        replaceBy(ENTRIES, ByteBuffer.wrap(bytes.toByteArray()));
        file.close();
        file = openEntries(folder);
        entries = next;
        positions = where;
        first = from;
        end = bytes.size();
    }

    @Override
    public synchronized void deleteAllEntriesStartingFrom(long index) {
        durably(() -> {
            cut(index);
            file.force(true);
        });
    }

    @Override
    public synchronized void forEach(ObjLongConsumer<LogEntry> function, long from, long to) {
        for (long index = Math.max(from, first); index <= Math.min(to, lastAppended()); index++) {
            function.accept(entries.get((int) (index - first)), index);
        }
    }

    @Override
    public void forEach(ObjLongConsumer<LogEntry> function) {
        forEach(function, first, lastAppended());
    }

    @Override
    public synchronized long sizeInBytes() {
        return end;
    }

    /** Binds this directory to a node and a list of voters: it would vote twice with that of another one. */
    private void claim(String node, List<String> voters) throws IOException {
        byte[] mine = (node + "\n" + String.join(",", voters)).getBytes(StandardCharsets.UTF_8);
        byte[] before = read("owner");
        if (before == null) {
            replace("owner", mine);
        } else if (!Arrays.equals(before, mine)) {
            throw new Unusable(
                    "The directory " + folder + " is that of another node or of other voters ("
                            + new String(before, StandardCharsets.UTF_8).replace("\n", " of ") + "), not of " + node
                            + " of "
                            + String.join(",", voters) + ".",
                    null);
        }
    }

    private void closeQuietly() {
        try {
            close();
        } catch (IOException e) {
            broken = e;
        }
    }

    @Override
    public synchronized void close() throws IOException {
        if (broken == null) {
            broken = new IOException("It is closed.");
        }
        file.close();
        lock.release();
        locked.close();
    }
}
