package io.heliodor.raft.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** A directory of the file system. */
record DirectoryDisk(Path directory) implements Disk {
    @Override
    public Optional<byte[]> read(String name) throws IOException {
        Path path = directory.resolve(name);
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try (InputStream file = Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.of(file.readAllBytes());
        }
    }

    @Override
    public DiskFile open(String name) throws IOException {
        return new Channel(
                PrivateFiles.open(directory.resolve(name), StandardOpenOption.CREATE, StandardOpenOption.WRITE));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Files.move(
                directory.resolve(from),
                directory.resolve(to),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void force() throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public String toString() {
        return directory.toString();
    }

    private record Channel(FileChannel channel) implements DiskFile {
        @Override
        public void write(ByteBuffer bytes, long at) throws IOException {
            long position = at;
            while (bytes.hasRemaining()) {
                position += channel.write(bytes, position);
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            channel.truncate(size);
        }

        @Override
        public void force(boolean grown) throws IOException {
            channel.force(grown);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
