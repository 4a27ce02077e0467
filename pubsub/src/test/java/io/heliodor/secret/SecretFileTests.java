package io.heliodor.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretFileTests {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void write() throws IOException {
        file = Files.writeString(folder.resolve("key"), "a secret");
        mode(folder, "rwxr-xr-x");
        mode(file, "rw-------");
    }

    private static void mode(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    @Test
    void aFileOfItsUserAloneIsGood() throws IOException {
        assertThat(SecretFile.writable(file)).isEmpty();
        assertThat(SecretFile.readable(file)).isEmpty();
        mode(file, "rw-rw----"); // of the group of a volume
        assertThat(SecretFile.writable(file)).isEmpty();
    }

    @Test
    void aFileThatOthersMayReadIsNotWritable() throws IOException {
        mode(file, "rw-r--r--");
        assertThat(SecretFile.writable(file)).isEmpty();
        assertThat(SecretFile.readable(file))
                .contains("other users of this machine may read " + file + " (rw-r--r--); run: chmod o-r " + file);
    }

    @Test
    void aFileThatOthersMayWriteIsFound() throws IOException {
        mode(file, "rw-rw-rw-");
        assertThat(SecretFile.writable(file))
                .contains("other users of this machine may write " + file + " (rw-rw-rw-); run: chmod o-w "
                        + file.toRealPath());
    }

    @Test
    void aDirectoryThatOthersMayWriteIsFoundUnlessItIsSticky() throws IOException {
        mode(folder, "rwxrwxrwx");
        assertThat(SecretFile.writable(file))
                .contains("other users of this machine may replace " + file + ", since they may write to " + folder
                        + "; run: chmod o-w " + folder);
        Files.setAttribute(folder, "unix:mode", 01777);
        assertThat(SecretFile.writable(file)).isEmpty();
    }

    /** As Kubernetes mounts secrets: the file is a link through a link to a folder that is replaced. */
    @Test
    void linksAreFollowedAndTheirDirectoriesExamined() throws IOException {
        Path data = Files.createDirectory(folder.resolve("..2026"));
        Files.move(file, data.resolve("key"));
        Files.createSymbolicLink(folder.resolve("..data"), Path.of("..2026"));
        Files.createSymbolicLink(file, Path.of("..data", "key"));
        assertThat(SecretFile.writable(file)).isEmpty();
        mode(data, "rwxrwxrwx");
        assertThat(SecretFile.writable(file))
                .hasValueSatisfying(fault -> assertThat(fault).contains("may replace " + file, "..2026"));
        mode(data, "rwxr-xr-x");
        mode(folder, "rwxrwxrwx");
        assertThat(SecretFile.writable(file))
                .hasValueSatisfying(fault -> assertThat(fault).contains("may replace " + file, "chmod o-w " + folder));
    }

    @Test
    void aFileThatIsMissingIsAFault() {
        assertThatThrownBy(() -> SecretFile.writable(folder.resolve("none"))).isInstanceOf(NoSuchFileException.class);
    }
}
