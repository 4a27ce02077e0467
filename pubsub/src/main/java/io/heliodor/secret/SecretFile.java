package io.heliodor.secret;

import java.io.IOException;
import java.nio.file.Files;
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
        if (permissions(real).contains(PosixFilePermission.OTHERS_WRITE)) {
            return Optional.of("other users of this machine may write " + file + " ("
                    + PosixFilePermissions.toString(permissions(real)) + "); run: chmod o-w " + real);
        }
        for (Path directory : List.of(directory(file.toAbsolutePath()), directory(real))) {
            if (permissions(directory).contains(PosixFilePermission.OTHERS_WRITE) && !isSticky(directory)) {
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

    private static Path directory(Path absolute) {
        Path parent = absolute.getParent();
        return parent == null ? absolute : parent;
    }

    /** In a sticky directory such as /tmp others cannot replace a file. */
    private static boolean isSticky(Path directory) throws IOException {
        return directory.getFileSystem().supportedFileAttributeViews().contains("unix")
                && ((int) Files.getAttribute(directory, "unix:mode") & 01000) != 0;
    }

    /** None on file systems without them. */
    private static Set<PosixFilePermission> permissions(Path path) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
        return view == null ? Set.of() : view.readAttributes().permissions();
    }
}
