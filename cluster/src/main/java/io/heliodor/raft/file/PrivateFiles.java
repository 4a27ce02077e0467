package io.heliodor.raft.file;

import io.heliodor.secret.SecretFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Files and directories of the user of the process alone, on file systems that have permissions. Others who write a vote or an entry decide
 * about names and elections, and through a link the voter writes to a file of somebody else.
 */
final class PrivateFiles {
    /** The directory of the process, whose owner is its user; only on Linux. */
    private static final Path PROCESS = Path.of("/proc/self");

    private static final String OWNER = "unix:uid";
    private static final int ROOT = 0;

    private PrivateFiles() {}

    static void createDirectories(Path directory) throws IOException {
        Files.createDirectories(directory, only("rwx------", directory));
    }

    /** Opens a file, unless it is a link. */
    static FileChannel open(Path file, OpenOption... options) throws IOException {
        Set<OpenOption> all = new HashSet<>(Set.of(options));
        all.add(LinkOption.NOFOLLOW_LINKS);
        return FileChannel.open(file, all, only("rw-------", file));
    }

    /**
     * Checks a directory that exists, and the files in it.
     *
     * @throws UnusableDirectory if others may write to it, or it has a link
     */
    static void check(Path directory) throws IOException {
        Path real = directory.toRealPath();
        checkOwner(real);
        checkPermissions(real, "directory");
        Path parent = real.getParent();
        if (parent != null && SecretFile.isReplaceable(parent)) {
            throw new UnusableDirectory("Other users of this machine may replace the directory " + directory
                    + ", since they may write to " + parent + ". Run: chmod o-w " + parent);
        }
        List<Path> files;
        try (Stream<Path> listed = Files.list(real)) {
            files = listed.toList();
        }
        for (Path file : files) {
            if (Files.isSymbolicLink(file)) {
                throw new UnusableDirectory(
                        "The file " + file + " of a voter is a link to " + Files.readSymbolicLink(file)
                                + ". Replace it by the file, or give voters(...) a directory of its own.");
            }
            checkPermissions(file, "file");
        }
    }

    private static void checkPermissions(Path path, String kind) throws IOException {
        if (SecretFile.isOpen(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new UnusableDirectory("Other users of this machine may write to the " + kind + " " + path
                    + " of a voter, and forge its votes and names. Run: chmod o-w " + path);
        }
    }

    private static void checkOwner(Path directory) throws IOException {
        if (!directory.getFileSystem().supportedFileAttributeViews().contains("unix") || !Files.exists(PROCESS)) {
            return;
        }
        int owner = (int) Files.getAttribute(directory, OWNER);
        int user = (int) Files.getAttribute(PROCESS, OWNER);
        if (owner != user && owner != ROOT) {
            throw new UnusableDirectory(
                    "The directory " + directory + " of a voter belongs to another user, with the id " + owner
                            + ", who may forge its votes and names. Run: chown " + user + " " + directory);
        }
    }

    private static FileAttribute<?>[] only(String permissions, Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }
}
