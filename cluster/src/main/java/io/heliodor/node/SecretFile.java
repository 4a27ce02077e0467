package io.heliodor.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Warns of files with secrets that other users may read or replace. Secrets mounted into a container often are readable, so it refuses none. */
final class SecretFile {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.node");

    private SecretFile() {}

    static void warnIfExposed(Path file) throws IOException {
        Set<PosixFilePermission> permissions = permissions(file);
        if (permissions.contains(PosixFilePermission.OTHERS_READ)
                || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
            LOG.warn(
                    "The cookie file {} is open to other users of this machine ({}), and whoever has the cookie can become a member; run"
                            + " chmod 600 on it.",
                    file,
                    PosixFilePermissions.toString(permissions));
        }
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null
                && permissions(directory).contains(PosixFilePermission.OTHERS_WRITE)
                && !isSticky(directory)) {
            LOG.warn(
                    "Other users of this machine may replace the cookie file {}, since they may write to its directory; run chmod o-w"
                            + " on the directory.",
                    file);
        }
    }

    /** In a sticky directory such as /tmp others cannot replace the file. */
    private static boolean isSticky(Path directory) throws IOException {
        return directory.getFileSystem().supportedFileAttributeViews().contains("unix")
                && ((int) Files.getAttribute(directory, "unix:mode") & 01000) != 0;
    }

    /** None on file systems without them. */
    private static Set<PosixFilePermission> permissions(Path path) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class, new LinkOption[0]);
        return view == null ? Set.of() : view.readAttributes().permissions();
    }
}
