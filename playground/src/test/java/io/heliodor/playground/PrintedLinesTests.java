package io.heliodor.playground;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
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
    void aDashboardIsPrintedWithItsToken() throws Exception {
        String address = start("serve", "--port", "0", "--dashboard");
        String line = String.valueOf(process.inputReader().readLine());
        assertThat(line).matches("dashboard " + Pattern.quote(address) + "/dashboard\\?token=[\\w-]{43}");
        URI page = URI.create(line.substring("dashboard ".length()));
        try (HttpClient http = HttpClient.newHttpClient()) {
            assertThat(status(http, page)).isEqualTo(200);
            assertThat(status(http, page.resolve("/dashboard"))).isEqualTo(401);
        }
    }

    @Test
    void aDashboardIsAtTheManagementAddressIfThereIsOne() throws Exception {
        String address = start("serve", "--port", "0", "--management", "127.0.0.1:0", "--dashboard");
        String management = String.valueOf(process.inputReader().readLine());
        assertThat(management).matches("management on http://127\\.0\\.0\\.1:\\d+");
        assertThat(process.inputReader().readLine())
                .startsWith("dashboard " + management.substring("management on ".length()) + "/dashboard?token=")
                .doesNotStartWith("dashboard " + address);
    }

    @Test
    void withoutTheOptionThereIsNoDashboard() throws Exception {
        String address = start("serve", "--port", "0");
        try (HttpClient http = HttpClient.newHttpClient()) {
            assertThat(status(http, URI.create(address + "/dashboard"))).isEqualTo(404);
        }
        process.toHandle().destroy();
        assertThat(process.inputReader().lines()).isEmpty();
    }

    private static int status(HttpClient http, URI address) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(address).build(), BodyHandlers.discarding())
                .statusCode();
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
