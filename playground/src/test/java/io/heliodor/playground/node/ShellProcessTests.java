package io.heliodor.playground.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The end of the process. */
@Timeout(60)
class ShellProcessTests {
    private static final String LEFT = "{\"event\":\"left\",\"node\":\"a@h\",\"incarnation\":1}";

    @SuppressWarnings("NullAway.Init") // each test starts one
    private Process process;

    private void start(String name) throws IOException {
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ShellProgram.class.getName(),
                        "--name",
                        name,
                        "--cookie",
                        "x",
                        "--json")
                .start();
    }

    @AfterEach
    void kill() {
        process.destroyForcibly();
    }

    private int status() throws InterruptedException {
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("has ended").isTrue();
        return process.exitValue();
    }

    @Test
    void sigtermLeavesAndIsNotAFailure() throws Exception {
        start("a@h");
        BufferedReader output = process.inputReader();
        assertThat(output.readLine()).contains("started");
        process.toHandle().destroy(); // that of the process closes its streams as well
        assertThat(output.lines()).containsExactly(LEFT);
        assertThat(status()).isZero();
    }

    @Test
    void quitAnswersAndEnds() throws Exception {
        start("a@h");
        process.outputWriter().append("quit\n").flush();
        assertThat(process.inputReader().lines())
                .containsExactly("{\"event\":\"started\",\"node\":\"a@h\",\"port\":7100}", LEFT, "{\"ok\":true}");
        assertThat(status()).isZero();
    }

    @Test
    void theEndOfInputEnds() throws Exception {
        start("a@h");
        process.outputWriter().close();
        assertThat(status()).isZero();
    }

    @Test
    void aRefusedStartIsAFailure() throws Exception {
        start("refused@h");
        List<String> said = process.errorReader().lines().toList();
        assertThat(said).containsExactly("name_taken: it lives");
        assertThat(process.inputReader().lines()).isEmpty();
        assertThat(status()).isEqualTo(1);
    }

    @Test
    void aStartThatFailsWithAnExceptionIsAFailure() throws Exception {
        start("faulty@h");
        assertThat(status()).isEqualTo(1);
    }
}
