package io.heliodor.interop.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Short programs that must succeed. */
public final class Programs {
    private Programs() {}

    /** The exit status of a program, and its output. */
    public record Ended(int status, String output) {}

    /** Runs a program of this project, with the build that runs the tests; its standard error is dropped. */
    public static Ended ours(Duration deadline, String command) {
        return attempt(
                deadline,
                "env",
                "HELIODOR_BUILD=no",
                "HELIODOR_JAVA=" + System.getProperty("java.home"),
                "sh",
                "-c",
                "cd .. && exec " + command + " 2>/dev/null");
    }

    /** Runs a program to its end; it must end with 0. */
    public static String run(Duration deadline, String... command) {
        Ended ended = attempt(deadline, command);
        assertThat(ended.status())
                .as(String.join(" ", command) + "\n" + ended.output())
                .isZero();
        return ended.output();
    }

    /** Runs a program to its end, whatever that is; status -1 stands for one that cannot be started. */
    public static Ended attempt(Duration deadline, String... command) {
        Path output = null;
        Process process = null;
        try {
            output = Files.createTempFile("program", ".txt");
            process = new ProcessBuilder(List.of(command))
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                return new Ended(-1, "did not end within " + deadline);
            }
            return new Ended(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
        } catch (IOException e) {
            return new Ended(-1, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } finally {
            if (process != null) {
                process.destroyForcibly();
            }
            if (output != null) {
                output.toFile().delete();
            }
        }
    }
}
