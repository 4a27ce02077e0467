package io.heliodor.playground;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code serve} in a process of its own: its warning, its addresses and its end. */
@Timeout(60)
class ServeProcessTests {
    private static final String UPGRADE = String.join(
            "\r\n",
            "GET /socket/websocket?vsn=2.0.0 HTTP/1.1",
            "Host: localhost",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            "",
            "");

    @SuppressWarnings("NullAway.Init") // each test starts one
    private Process process;

    private String start(Class<?> program, Map<String, String> environment, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "-Dio.netty.tryReflectionSetAccessible=true",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--port", "0"));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().remove("HELIODOR_SECRET");
        builder.environment().put("HELIODOR_CACHE", ""); // of a launcher that runs the tests
        builder.environment().putAll(environment);
        process = builder.start();
        return String.valueOf(process.inputReader().readLine());
    }

    private String start(String... arguments) throws IOException {
        return start(Playground.class, Map.of(), arguments);
    }

    @AfterEach
    void kill() {
        process.destroyForcibly();
    }

    private void terminate() {
        process.toHandle().destroy(); // that of the process closes its streams as well
    }

    private int status() throws InterruptedException {
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("has ended").isTrue();
        return process.exitValue();
    }

    private List<String> warnings() {
        terminate();
        return process.errorReader().lines().toList();
    }

    @Test
    void theDevelopmentKeyOnAPublicAddressIsWarnedAbout() throws Exception {
        start("serve", "--host", "0.0.0.0");
        assertThat(warnings())
                .singleElement()
                .asString()
                .startsWith("warning: 0.0.0.0 is reached from other machines")
                .contains("development key")
                .endsWith("set HELIODOR_SECRET to a secret of your own");
    }

    @Test
    @Timeout(180)
    void theReportOfTheLauncherIsOneLineOfAServerAndOfACluster() throws Exception {
        Map<String, String> report = Map.of("HELIODOR_CACHE", "starts with a cache");
        start(Playground.class, report, "serve");
        assertThat(warnings()).containsExactly("heliodor: starts with a cache");
        start(Playground.class, report, "demo", "--nodes", "2");
        assertThat(process.inputReader().readLine()).startsWith("listening on"); // the second one
        assertThat(process.errorReader().lines().takeWhile(line -> !line.startsWith("Open the pages")))
                .containsOnlyOnce("heliodor: starts with a cache");
    }

    @Test
    void theDevelopmentKeyOnALoopbackAddressIsNot() throws Exception {
        start("serve", "--host", "127.0.0.1");
        assertThat(warnings()).isEmpty();
    }

    @Test
    void aSecretOfOnesOwnOnAPublicAddressIsNot() throws Exception {
        start(
                Playground.class,
                Map.of("HELIODOR_SECRET", "a secret of more than thirty-two characters"),
                "serve",
                "--host",
                "0.0.0.0");
        assertThat(warnings()).isEmpty();
    }

    @Test
    void sigtermDrainsAndIsNotAFailure() throws Exception {
        start("serve");
        terminate();
        assertThat(status()).isZero();
    }

    @Test
    void sigtermEndsTheProcessThoughAnEventLoopHangsInItsLog() throws Exception {
        String listening =
                start(BlockedLogProgram.class, Map.of(), "serve", "--log-level", "debug", "--stop-timeout", "1");
        int port = Integer.parseInt(listening.replaceFirst(".*:", ""));
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
            OutputStream out = client.getOutputStream();
            out.write(UPGRADE.getBytes(US_ASCII));
            out.write(new byte[] {(byte) 0xff, (byte) 0xff}); // no frame
            out.flush();
            assertThat(process.inputReader().readLine()).isEqualTo(BlockedLogProgram.BLOCKED);
            terminate();
            assertThat(status()).isEqualTo(1);
        }
    }

    @Test
    void hostsAndTheManagementAddressAreOptions() throws Exception {
        String listening =
                start("serve", "--hosts", "127.0.0.1,app.example.com", "--management", "[::1]:0", "--keep-alive", "90");
        BufferedReader output = process.inputReader();
        String management = output.readLine();
        assertThat(management).matches("management on http://\\[::1]:\\d+");
        String address = listening.substring("listening on ".length());
        try (HttpClient client = HttpClient.newHttpClient()) {
            assertThat(get(client, address + "/health").statusCode()).isEqualTo(200);
            assertThat(get(client, address.replace("127.0.0.1", "localhost") + "/health")
                            .statusCode())
                    .isEqualTo(403);
            assertThat(get(client, address + "/metrics").statusCode()).isEqualTo(404);
            assertThat(get(client, management.substring("management on ".length()) + "/metrics")
                            .body())
                    .contains("heliodor_connections");
        }
    }

    private static HttpResponse<String> get(HttpClient client, String uri) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create(uri)).build(), HttpResponse.BodyHandlers.ofString());
    }
}
