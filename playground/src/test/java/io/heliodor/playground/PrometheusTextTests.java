package io.heliodor.playground;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.document.DocumentStore;
import io.heliodor.endpoint.Endpoint;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The metrics of the playground's server, and their display by {@code top}. */
class PrometheusTextTests {
    private final Endpoint endpoint = PlaygroundServer.start(
            "127.0.0.1",
            0,
            Optional.empty(),
            100,
            Duration.ofMinutes(5),
            false,
            Keys.tokens(),
            DocumentStore.inMemory(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            builder -> builder);
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @AfterEach
    void close() {
        endpoint.close();
    }

    private int top(String... options) {
        String[] all = new String[options.length + 1];
        all[0] = "top";
        System.arraycopy(options, 0, all, 1, options.length);
        CommandLine line = Playground.commandLine();
        return line.setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all);
    }

    private String url() {
        return "http://127.0.0.1:" + endpoint.port();
    }

    @Test
    void metricsAreTextForPrometheus() throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> response = http.send(
                    HttpRequest.newBuilder(URI.create(url() + "/metrics")).build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("content-type"))
                    .hasValue("text/plain; version=0.0.4; charset=utf-8");
            assertThat(response.body())
                    .contains("# TYPE heliodor_connections gauge\nheliodor_connections 0.0\n")
                    .contains("heliodor_connections_closed_total{reason=\"slow\"} 0.0\n")
                    .contains("heliodor_traffic_out_bytes_total 0.0\n")
                    .contains("heliodor_presences{presence=\"room\"} 0.0\n");
        }
    }

    @Test
    void topPrintsOnePictureOfALiveServer() {
        assertThat(top("--once", "--every", "0.1", "--url", url() + "/"))
                .as("%s", err)
                .isZero();
        assertThat(err.toString()).isEmpty();
        assertThat(out.toString().lines())
                .anyMatch(line -> line.matches("connections +0 +opened 0/s +closed 0/s +paused 0"))
                .anyMatch(line -> line.matches("refused +none"))
                .noneMatch(line -> line.contains("\033"));
    }

    @Test
    void topReportsInOneLineThatThereIsNoServer() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        assertThat(top("--once", "--url", "http://127.0.0.1:" + port)).isEqualTo(1);
        assertThat(err).hasToString("no server answers at http://127.0.0.1:" + port + System.lineSeparator());
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void topReportsInOneLineThatThereAreNoMetrics() {
        assertThat(top("--once", "--url", url() + "/nowhere")).isEqualTo(1);
        assertThat(err.toString().lines()).singleElement().asString().contains("/nowhere: it answers 404");
    }

    @Test
    void topRefusesAnInvalidAddressOrInterval() {
        assertThat(top("--once", "--url", "nowhere")).isEqualTo(2);
        assertThat(top("--once", "--every", "0")).isEqualTo(2);
        assertThat(err.toString().lines())
                .satisfiesExactly(
                        line -> assertThat(line).contains("'--url'"),
                        line -> assertThat(line).contains("'--every'"));
    }
}
