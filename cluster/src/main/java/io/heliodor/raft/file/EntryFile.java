package io.heliodor.raft.file;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.raft.RaftEntry;
import io.heliodor.raft.file.Confirmed.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a log, one frame for each write. Frames are only added: one whose entries begin before the end replaces what
 * was there from that index on. Replacing the file drops what was replaced, and begins its next generation.
 *
 * <p>A frame is a mark, the length of its entries, a checksum of length, position and entries, then the entries. A file that
 * was replaced begins with another mark, its generation, and their checksum. Bytes after the last whole frame are of a write
 * that a crash cut short, or the disk lost some: {@link Confirmed} distinguishes the two.
 */
final class EntryFile implements AutoCloseable {
    private static final int MARK = 0x48656c69;
    private static final int HEADER = 3 * Integer.BYTES;

    private static final int GENERATION_MARK = 0x48656c67;
    private static final int GENERATION_HEADER = 2 * Integer.BYTES + Long.BYTES;

    private static final String NAME = "entries";

    private final Disk disk;
    private @Nullable DiskFile file;
    private Extent extent = new Extent(0, 0);

    EntryFile(Disk disk) {
        this.disk = disk;
    }

    /** The part of the file that has whole frames. */
    Extent extent() {
        return extent;
    }

    /** All entries up to the first frame that is not whole. */
    List<RaftEntry> read() throws IOException {
        byte[] all = disk.read(NAME).orElse(new byte[0]);
        ByteBuffer numbers = ByteBuffer.wrap(all);
        List<RaftEntry> entries = new ArrayList<>();
        boolean replaced = all.length >= GENERATION_HEADER
                && numbers.getInt(0) == GENERATION_MARK
                && numbers.getInt(Integer.BYTES + Long.BYTES) == checksum(numbers.getLong(Integer.BYTES), all, 0, 0);
        int at = replaced ? GENERATION_HEADER : 0;
        while (isFrame(numbers, all, at)) {
            int length = numbers.getInt(at + Integer.BYTES);
            add(entries, new BinaryReader(all, at + HEADER, at + HEADER + length));
            at += HEADER + length;
        }
        extent = new Extent(replaced ? numbers.getLong(Integer.BYTES) : 0, at);
        return entries;
    }

    private static boolean isFrame(ByteBuffer numbers, byte[] all, int at) {
        if (all.length - at < HEADER || numbers.getInt(at) != MARK) {
            return false;
        }
        int length = numbers.getInt(at + Integer.BYTES);
        return length > 0
                && length <= all.length - at - HEADER
                && numbers.getInt(at + 2 * Integer.BYTES) == checksum(at, all, at + HEADER, length);
    }

    private static int checksum(long position, byte[] bytes, int from, int length) {
        CRC32C sum = new CRC32C();
        sum.update(ByteBuffer.allocate(Long.BYTES + Integer.BYTES)
                .putLong(position)
                .putInt(length)
                .flip());
        sum.update(bytes, from, length);
        return (int) sum.getValue();
    }

    private void add(List<RaftEntry> entries, BinaryReader in) throws IOException {
        try {
            while (in.more()) {
                RaftEntry next = RaftEntry.read(in);
                while (!entries.isEmpty() && entries.getLast().index() >= next.index()) {
                    entries.removeLast();
                }
                if (!entries.isEmpty() && entries.getLast().index() != next.index() - 1) {
                    throw new UnusableDirectory(
                            "The file " + NAME + " in " + disk + " has a gap before entry " + next.index() + ".");
                }
                entries.add(next);
            }
        } catch (DecodeException e) {
            throw new UnusableDirectory(
                    "The file " + NAME + " in " + disk + " has an entry that cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Drops the bytes after the last whole frame. A process that was killed may have written the rest without forcing. The name of
     * a new file is forced with the confirmation that follows.
     */
    void open() throws IOException {
        DiskFile opened = disk.open(NAME);
        file = opened;
        opened.truncate(extent.end());
        opened.force(true);
    }

    void append(List<RaftEntry> entries) throws IOException {
        ByteBuffer frame = frame(entries, extent.end());
        long end = extent.end() + frame.remaining();
        opened().write(frame, extent.end());
        opened().force(true);
        extent = new Extent(extent.generation(), end);
    }

    private DiskFile opened() {
        return Objects.requireNonNull(file, "open() comes first");
    }

    private static ByteBuffer frame(List<RaftEntry> entries, long position) {
        BinaryWriter out = new BinaryWriter(1_024);
        entries.forEach(entry -> entry.write(out));
        byte[] bytes = out.toBytes();
        return ByteBuffer.allocate(HEADER + bytes.length)
                .putInt(MARK)
                .putInt(bytes.length)
                .putInt(checksum(position, bytes, 0, bytes.length))
                .put(bytes)
                .flip();
    }

    /** A file with these entries only, in the place of this one. */
    Replacement replacement(List<RaftEntry> entries) {
        return replacement(entries, extent.generation() + 1);
    }

    static Replacement replacement(List<RaftEntry> entries, long generation) {
        ByteBuffer frame = entries.isEmpty() ? ByteBuffer.allocate(0) : frame(entries, GENERATION_HEADER);
        ByteBuffer content = ByteBuffer.allocate(GENERATION_HEADER + frame.remaining())
                .putInt(GENERATION_MARK)
                .putLong(generation)
                .putInt(checksum(generation, new byte[0], 0, 0))
                .put(frame)
                .flip();
        return new Replacement(new Extent(generation, content.remaining()), content);
    }

    /** The next generation of the file. */
    record Replacement(Extent extent, ByteBuffer content) {}

    void replace(Replacement next) throws IOException {
        DurableFile.replace(disk, NAME, next.content());
        close();
        file = disk.open(NAME);
        extent = next.extent();
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
            file = null;
        }
    }
}
