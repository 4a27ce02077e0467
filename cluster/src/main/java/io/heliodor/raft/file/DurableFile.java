package io.heliodor.raft.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A small file that is replaced as a whole: after a crash it has the old content or the new one. It begins with a checksum.
 */
final class DurableFile {
    private final Path directory;
    private final Path path;

    DurableFile(Path directory, String name) {
        this.directory = directory;
        this.path = directory.resolve(name);
    }

    boolean exists() {
        return Files.exists(path);
    }

    /** The content; empty if the file does not exist. */
    Optional<byte[]> read() throws IOException {
        if (!exists()) {
            return Optional.empty();
        }
        ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(path));
        if (all.remaining() < Integer.BYTES) {
            throw new UnusableDirectory("The file " + path + " is damaged: it has " + all.remaining() + " bytes.");
        }
        int sum = all.getInt();
        byte[] content = new byte[all.remaining()];
        all.get(content);
        if (sum != checksum(content)) {
            throw new UnusableDirectory("The file " + path + " is damaged: its checksum is another one.");
        }
        return Optional.of(content);
    }

    void write(byte[] content) throws IOException {
        replace(ByteBuffer.allocate(Integer.BYTES + content.length)
                .putInt(checksum(content))
                .put(content)
                .flip());
    }

    /** Without a checksum. */
    void replace(ByteBuffer content) throws IOException {
        Path next = directory.resolve(path.getFileName() + ".next");
        try (FileChannel out = PrivateFiles.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            while (content.hasRemaining()) {
                int _ = out.write(content);
            }
            out.force(true);
        }
        Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        force(directory);
    }

    static void force(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static int checksum(byte[] content) {
        CRC32C sum = new CRC32C();
        sum.update(content, 0, content.length);
        return (int) sum.getValue();
    }
}
