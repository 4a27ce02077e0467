package io.heliodor.raft.file;

import io.heliodor.link.ByteReader;
import io.heliodor.link.ByteWriter;
import io.heliodor.link.DecodeException;
import io.heliodor.raft.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The entries of a log, one frame for each write. Frames are only added: one whose entries begin before the end replaces what
 * was there from that index on. Replacing the file drops what was replaced.
 *
 * <p>A frame is a mark, the length of its entries, a checksum of length, position and entries, then the entries. A write that
 * a crash cut short damages the last frame only. So a damaged frame is dropped if no whole frame follows; otherwise the disk
 * lost what it had confirmed, and the file is refused.
 */
final class EntryFile implements AutoCloseable {
    private static final int MARK = 0x48656c69;
    private static final int HEADER = 3 * Integer.BYTES;

    private static final String NAME = "entries";

    private final Path directory;
    private final Path path;
    private FileChannel channel;
    private long end;

    private EntryFile(Path directory) throws IOException {
        this.directory = directory;
        this.path = directory.resolve(NAME);
        this.channel = channel(path);
    }

    static EntryFile open(Path directory) throws IOException {
        return new EntryFile(directory);
    }

    static boolean hasEntries(Path directory) throws IOException {
        Path path = directory.resolve(NAME);
        return Files.exists(path) && Files.size(path) > 0;
    }

    private static FileChannel channel(Path path) throws IOException {
        return PrivateFiles.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    /**
     * Reads all entries, and drops the end of the file that was not written to the end. Called once, first.
     *
     * @param begun whether the file was replaced with entries in it: then its first frame was never half written
     */
    List<Entry> load(boolean begun) throws IOException {
        byte[] all = Files.readAllBytes(path);
        ByteBuffer numbers = ByteBuffer.wrap(all);
        List<Entry> entries = new ArrayList<>();
        int at = 0;
        while (isFrame(numbers, all, at)) {
            int length = numbers.getInt(at + Integer.BYTES);
            add(entries, new ByteReader(all, at + HEADER, at + HEADER + length));
            at += HEADER + length;
        }
        if (begun && at == 0 && all.length > 0) {
            throw damaged(0, "where its entries begin");
        }
        for (int later = at + 1; later < all.length; later++) {
            if (isFrame(numbers, all, later)) {
                throw damaged(at, "before other entries that are whole");
            }
        }
        end = at;
        if (end < all.length) {
            channel.truncate(end);
        }
        // A process that was killed may have written without forcing: now it counts as stored.
        channel.force(true);
        return entries;
    }

    private UnusableDirectory damaged(int at, String where) {
        return new UnusableDirectory("The file " + path + " is damaged at byte " + at + ", " + where
                + ". Give this voter an empty directory; a copy from a backup would make it forget what it confirmed.");
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

    private void add(List<Entry> entries, ByteReader in) throws IOException {
        try {
            while (in.more()) {
                Entry next = Entry.read(in);
                while (!entries.isEmpty() && entries.getLast().index() >= next.index()) {
                    entries.removeLast();
                }
                if (!entries.isEmpty() && entries.getLast().index() != next.index() - 1) {
                    throw new UnusableDirectory("The file " + path + " has a gap before entry " + next.index() + ".");
                }
                entries.add(next);
            }
        } catch (DecodeException e) {
            throw new UnusableDirectory("The file " + path + " has an entry that cannot be read: " + e.getMessage(), e);
        }
    }

    void append(List<Entry> entries) throws IOException {
        ByteBuffer frame = frame(entries, end);
        long at = end;
        while (frame.hasRemaining()) {
            at += channel.write(frame, at);
        }
        channel.force(true);
        end = at;
    }

    private static ByteBuffer frame(List<Entry> entries, long position) {
        ByteWriter out = new ByteWriter(1_024);
        entries.forEach(entry -> entry.write(out));
        byte[] bytes = out.toBytes();
        return ByteBuffer.allocate(HEADER + bytes.length)
                .putInt(MARK)
                .putInt(bytes.length)
                .putInt(checksum(position, bytes, 0, bytes.length))
                .put(bytes)
                .flip();
    }

    void replace(List<Entry> entries) throws IOException {
        ByteBuffer content = entries.isEmpty() ? ByteBuffer.allocate(0) : frame(entries, 0);
        int length = content.remaining();
        new DurableFile(directory, NAME).replace(content);
        channel.close();
        channel = channel(path);
        end = length;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
