package io.heliodor.playground;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The lines of a server in a process of its own, on standard output and on standard error. */
@Timeout(60)
class PrintedLinesTests {
    private static final String LISTENING = "listening on ";

    @SuppressWarnings("NullAway.Init") // each test starts one
    private Process process;

    private String start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "-Dio.netty.tryReflectionSetAccessible=true",
                "-cp",
                System.getProperty("java.class.path"),
                Playground.class.getName()));
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command).start();
        String line = String.valueOf(process.inputReader().readLine());
        assertThat(line).as("the line of the contract").matches(LISTENING + "http://127\\.0\\.0\\.1:\\d+");
        return line.substring(LISTENING.length());
    }

    @AfterEach
    void kill() {
        process.destroyForcibly();
    }

    @Test
    void theDemoInvitesPeopleOnStandardError() throws Exception {
        String address = start("demo", "--port", "0");
        assertThat(process.errorReader().readLine()).isEqualTo("Open " + address + " in two windows. Ctrl+C stops it.");
        process.toHandle().destroy();
        assertThat(process.inputReader().lines()).isEmpty();
    }

    @Test
    void aNodeThatLogsInformationLogsNothingOfJGroups() throws Exception {
        start(
                "serve",
                "--port",
                "0",
                "--node",
                "a@127.0.0.1:0",
                "--cookie",
                "a-cookie-for-tests",
                "--log-level",
                "info");
        process.toHandle().destroy(); // that of the process closes its streams as well
        assertThat(process.errorReader().lines())
                .anyMatch(line -> line.contains("INFO io.heliodor"))
                .noneMatch(line -> line.contains("jgroups"));
    }
}
