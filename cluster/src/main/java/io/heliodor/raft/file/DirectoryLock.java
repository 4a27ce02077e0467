package io.heliodor.raft.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;

/** A lock on a directory: of this process by the operating system, and within it. */
final class DirectoryLock implements Closeable {
    /**
     * The directories that this process has locked. A lock of POSIX belongs to the process, and closing any channel of the
     * file drops it: so the file must not even be opened again.
     */
    private static final Set<Path> HELD = new HashSet<>();

    private final Path directory;
    private final FileChannel file;

    private DirectoryLock(Path directory, FileChannel file) {
        this.directory = directory;
        this.file = file;
    }

    /** Locks a directory that exists. */
    static DirectoryLock take(Path directory) throws IOException {
        Path real = directory.toRealPath();
        synchronized (HELD) {
            if (!HELD.add(real)) {
                throw used(directory);
            }
            boolean locked = false;
            FileChannel file = null;
            try {
                file = PrivateFiles.open(real.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = file.tryLock();
                locked = lock != null;
            } catch (OverlappingFileLockException e) {
                throw used(directory); // by another class loader
            } finally {
                if (!locked) {
                    HELD.remove(real);
                    if (file != null) {
                        file.close();
                    }
                }
            }
            if (!locked) {
                throw used(directory);
            }
            return new DirectoryLock(real, file);
        }
    }

    private static UnusableDirectory used(Path directory) {
        return new UnusableDirectory(
                "Another node uses the directory " + directory + ". Give each voter a directory of its own.");
    }

    @Override
    public void close() throws IOException {
        synchronized (HELD) {
            HELD.remove(directory);
            file.close();
        }
    }
}
