package io.heliodor.raft.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A small file that is replaced as a whole: after a crash it has the old content or the new one. It begins with a checksum.
 */
final class DurableFile {
    private final Disk disk;
    private final String name;

    DurableFile(Disk disk, String name) {
        this.disk = disk;
        this.name = name;
    }

    /** The content; empty if the file does not exist. */
    Optional<byte[]> read() throws IOException {
        Optional<byte[]> present = disk.read(name);
        if (present.isEmpty()) {
            return Optional.empty();
        }
        Optional<byte[]> content = content(present.get());
        if (content.isEmpty()) {
            throw new UnusableDirectory("The file " + name + " in " + disk + " is damaged.");
        }
        return content;
    }

    /** The content; empty if the file does not exist or is damaged. */
    Optional<byte[]> readIfWhole() throws IOException {
        return disk.read(name).flatMap(DurableFile::content);
    }

    private static Optional<byte[]> content(byte[] file) {
        if (file.length < Integer.BYTES) {
            return Optional.empty();
        }
        ByteBuffer all = ByteBuffer.wrap(file);
        int sum = all.getInt();
        byte[] content = new byte[all.remaining()];
        all.get(content);
        return sum == Checksum.of(content, 0, content.length) ? Optional.of(content) : Optional.empty();
    }

    void write(byte[] content) throws IOException {
        replace(
                disk,
                name,
                ByteBuffer.allocate(Integer.BYTES + content.length)
                        .putInt(Checksum.of(content, 0, content.length))
                        .put(content)
                        .flip());
    }

    /** Replaces any file of a disk. */
    static void replace(Disk disk, String name, ByteBuffer content) throws IOException {
        String next = name + ".next";
        try (DiskFile out = disk.open(next)) {
            out.truncate(0);
            out.write(content, 0);
            out.force(true);
        }
        disk.rename(next, name);
        disk.force();
    }
}
