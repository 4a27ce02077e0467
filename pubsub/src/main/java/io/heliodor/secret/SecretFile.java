package io.heliodor.secret;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A file with a secret, on a file system that has permissions. One that other users of the machine may write is not to be used: they choose
 * the secret. One that they may read is: secrets that are mounted into a container often are. Links are followed, since such mounts have them.
 */
public final class SecretFile {
    private SecretFile() {}

    /**
     * Whether other users may write the file, or replace it or a link to it in its directory.
     *
     * @param file the file, or a link to it
     * @return what is wrong and how to mend it; empty if they may not
     * @throws IOException if there is no such file
     */
    public static Optional<String> writable(Path file) throws IOException {
        Path real = file.toRealPath();
        if (isOpen(real)) {
            return Optional.of("other users of this machine may write " + file + " ("
                    + PosixFilePermissions.toString(permissions(real)) + "); run: chmod o-w " + real);
        }
        for (Path directory : List.of(directory(file.toAbsolutePath()), directory(real))) {
            if (isReplaceable(directory)) {
                return Optional.of("other users of this machine may replace " + file + ", since they may write to "
                        + directory + "; run: chmod o-w " + directory);
            }
        }
        return Optional.empty();
    }

    /**
     * Whether other users may read the file.
     *
     * @param file the file, or a link to it
     * @return what is wrong and how to mend it; empty if they may not
     * @throws IOException if there is no such file
     */
    public static Optional<String> readable(Path file) throws IOException {
        Set<PosixFilePermission> permissions = permissions(file);
        return permissions.contains(PosixFilePermission.OTHERS_READ)
                ? Optional.of("other users of this machine may read " + file + " ("
                        + PosixFilePermissions.toString(permissions) + "); run: chmod o-r " + file)
                : Optional.empty();
    }

    /**
     * Whether other users may write to a file or a directory.
     *
     * @param path the file or the directory
     * @param options whether a link is followed
     * @return false on file systems without permissions
     * @throws IOException if there is no such file
     */
    public static boolean isOpen(Path path, LinkOption... options) throws IOException {
        return permissions(path, options).contains(PosixFilePermission.OTHERS_WRITE);
    }

    /**
     * Whether other users may replace what is in a directory: they may write to it, and it is not sticky such as /tmp.
     *
     * @param directory the directory
     * @return false on file systems without permissions
     * @throws IOException if there is no such directory
     */
    public static boolean isReplaceable(Path directory) throws IOException {
        boolean sticky = directory.getFileSystem().supportedFileAttributeViews().contains("unix")
                && ((int) Files.getAttribute(directory, "unix:mode") & 01000) != 0;
        return isOpen(directory) && !sticky;
    }

    private static Path directory(Path absolute) {
        Path parent = absolute.getParent();
        return parent == null ? absolute : parent;
    }

    /** None on file systems without them. */
    private static Set<PosixFilePermission> permissions(Path path, LinkOption... options) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class, options);
        return view == null ? Set.of() : view.readAttributes().permissions();
    }
}
