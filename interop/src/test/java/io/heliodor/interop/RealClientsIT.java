package io.heliodor.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Runs the tests of {@code interop/test} on Node: phoenix.js, raw WebSocket frames and a browser against the servers that
 * the launcher starts.
 */
@Isolated
class RealClientsIT {
    private static final Path MODULE = Path.of("").toAbsolutePath();
    private static final Path ROOT = MODULE.getParent();

    @BeforeAll
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    static void packagesAreInstalled() throws Exception {
        Path installed = MODULE.resolve("node_modules/.package-lock.json");
        Path wanted = MODULE.resolve("package-lock.json");
        if (!Files.exists(installed)
                || Files.getLastModifiedTime(installed).compareTo(Files.getLastModifiedTime(wanted)) < 0) {
            assertThat(run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"))
                    .as("npm ci")
                    .isZero();
        }
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void realClientsAreServed() throws Exception {
        assertThat(run("npm", "test", "--silent")).as("node --test").isZero();
    }

    private static int run(String... command) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(List.of(command)).directory(MODULE.toFile()).redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.put("HELIODOR_SERVE", ROOT.resolve("heliodor") + " serve");
        environment.put("HELIODOR_DEMO", ROOT.resolve("heliodor") + " demo");
        ServerProcess.environment(environment);
        String fetched = System.getProperty("localRepository"); // set by Failsafe
        if (fetched != null) {
            environment.put("HELIODOR_REPOSITORY", fetched);
        }
        Process process = builder.start();
        try (BufferedReader output = process.inputReader()) {
            // Not inherited: the build reads the results of this JVM from its standard output.
            output.lines().forEach(System.out::println);
            return process.waitFor();
        } finally {
            process.destroy();
        }
    }
}
