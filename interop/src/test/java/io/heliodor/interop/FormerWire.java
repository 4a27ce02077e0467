package io.heliodor.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.interop.hosts.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Assumptions;

/**
 * The last commit whose wire between nodes differs from today's, built in a folder of its own.
 * {@code former-wire.txt} names it. See {@code docs/design/upgrade.md}.
 */
public final class FormerWire {
    private static final Duration BUILD = Duration.ofMinutes(10);

    private FormerWire() {}

    /**
     * The command line of its launcher, which runs the build of that commit. The first call builds it. The test is
     * skipped if the sources come without the history of the project.
     */
    public static synchronized String launcher() throws IOException {
        String commit = Files.readString(Path.of("former-wire.txt")).strip();
        Assumptions.assumeTrue(
                Programs.attempt(Duration.ofSeconds(10), "git", "cat-file", "-e", commit + "^{commit}")
                                .status()
                        == 0,
                () -> "there is no commit " + commit + " here: clone the project with its history");
        Path folder = Path.of("target", "former", commit).toAbsolutePath();
        String launcher = "env -u HELIODOR_BUILD HELIODOR_START_CACHE=no " + folder.resolve("heliodor");
        if (Files.notExists(folder)) {
            Path sources = Files.createDirectories(folder.resolveSibling(commit + ".sources"));
            Programs.run(
                    Duration.ofMinutes(1), "sh", "-c", "cd .. && git archive " + commit + " | tar -x -C " + sources);
            Files.move(sources, folder);
        }
        // Any command builds first.
        Programs.Ended built = Programs.attempt(
                BUILD,
                "sh",
                "-c",
                // The sources of that commit may have no options for the JVM of Maven, which lives for seconds.
                "MAVEN_OPTS='-XX:+UseSerialGC -XX:TieredStopAtLevel=1' HELIODOR_JAVA=" + System.getProperty("java.home")
                        + " exec " + launcher + " cookie");
        assertThat(built.status()).as(built.output()).isZero();
        return launcher;
    }
}
