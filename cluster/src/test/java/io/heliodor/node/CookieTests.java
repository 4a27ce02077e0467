package io.heliodor.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.fixtures.RecordedLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.event.Level;

class CookieTests {
    private static final String START = "A cookie has 1 to 255 printable ASCII characters without spaces; this one ";
    private static final String END = ". `./heliodor cookie` prints a good one.";

    @Test
    void aBadCookieIsRefusedWithThePositionOrTheLength() {
        Map<String, String> bad = Map.of(
                "",
                "is empty",
                "x".repeat(256),
                "has 256",
                "secret word",
                "has a space at position 7",
                " secret",
                "has a space at position 1",
                "secret\n",
                "has a line break at position 7",
                "se\tcret",
                "has a tab at position 3",
                "s\u00e9cret",
                "has a character that is not printable ASCII at position 2",
                "secret\u007f",
                "has a character that is not printable ASCII at position 7");
        assertThat(bad).allSatisfy((secret, why) -> {
            assertThatThrownBy(() -> Cookie.of(secret))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(START + why + END);
            assertThatThrownBy(() -> Cookie.random().accepting(secret)).hasMessage(START + why + END);
        });
    }

    @Test
    void aFileThatOthersMayReadIsWarnedAboutAndOneThatTheyMayWriteIsRefused(@TempDir Path folder) throws IOException {
        Path file =
                Files.writeString(folder.resolve("cookie"), "a secret of 32 characters or so".replace(' ', '-') + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        RecordedLog.clear();
        assertThat(Cookie.fromFile(file).reveal()).isEqualTo("a-secret-of-32-characters-or-so");
        assertThat(RecordedLog.lines(Level.WARN, "cookie")).isEmpty();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(Cookie.fromFile(file).reveal()).isEqualTo("a-secret-of-32-characters-or-so");
        assertThat(RecordedLog.lines(Level.WARN, "chmod o-r")).hasSize(1);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(() -> Cookie.fromFile(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("may replace " + file, "chmod o-w " + folder);
    }

    @Test
    void theLongestAndTheShortestAreAccepted() {
        assertThat(Cookie.of("x".repeat(255)).reveal()).hasSize(255);
        assertThat(Cookie.of("~").reveal()).isEqualTo("~");
    }
}
