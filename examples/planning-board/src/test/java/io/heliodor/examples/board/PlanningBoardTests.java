package io.heliodor.examples.board;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole server, in a process of its own. */
class PlanningBoardTests {
    /** The status of a JVM that SIGTERM ends, after its shutdown hooks. */
    private static final int TERMINATED = 128 + 15;

    @TempDir
    private Path folder;

    private Process server;
    private BufferedReader output;

    @BeforeEach
    void start() throws IOException {
        Files.writeString(Files.createDirectory(folder.resolve("web")).resolve("index.html"), "the page");
        server = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dport=0",
                        "-cp",
                        System.getProperty("java.class.path"),
                        PlanningBoard.class.getName(),
                        "Ann",
                        "Bo")
                .directory(folder.toFile())
                .redirectError(folder.resolve("log").toFile())
                .start();
        output = server.inputReader();
    }

    @AfterEach
    void end() throws IOException {
        server.destroyForcibly();
        output.close();
    }

    /** The link of the next user. */
    private URI link() throws IOException {
        String line = output.readLine();
        assertThat(line).as(Files.readString(folder.resolve("log"))).contains(": http://localhost:");
        return URI.create(line.replaceFirst("^\\w+: ", ""));
    }

    private static String get(URI address) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    @Test
    void aLinkOpensThePageAndTheMetricsAreServed() throws Exception {
        URI ann = link();
        assertThat(ann.getFragment()).isNotEqualTo(link().getFragment());
        assertThat(get(ann)).isEqualTo("the page");
        assertThat(get(ann.resolve("/metrics")))
                .contains("heliodor_connections 0.0", "heliodor_presences{presence=\"board\"} 0.0");
    }

    @Test
    void sigtermEndsItInOrder() throws Exception {
        link();
        server.destroy();
        assertThat(server.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(server.exitValue()).isEqualTo(TERMINATED);
    }

    /** {@code cat src/main/java/io/heliodor/examples/board/*.java | wc -l}, as in the README. */
    @Test
    void theApplicationHasAtMost203LinesOfJava() throws IOException {
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
            assertThat(sources.filter(Files::isRegularFile)
                            .mapToLong(PlanningBoardTests::lines)
                            .sum())
                    .isBetween(1L, 203L);
        }
    }

    private static long lines(Path source) {
        try (Stream<String> lines = Files.lines(source)) {
            return lines.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
