package io.heliodor.raft.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Creates files and directories that only the user of the process may read, on file systems that have permissions. */
final class PrivateFiles {
    private PrivateFiles() {}

    static void createDirectories(Path directory) throws IOException {
        Files.createDirectories(directory, only("rwx------", directory));
    }

    static FileChannel open(Path file, OpenOption... options) throws IOException {
        return FileChannel.open(file, Set.of(options), only("rw-------", file));
    }

    private static FileAttribute<?>[] only(String permissions, Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }
}
