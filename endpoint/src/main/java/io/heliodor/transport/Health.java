package io.heliodor.transport;

import io.heliodor.session.ClusterState;
import io.heliodor.session.Count;
import io.heliodor.session.Counts;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Answers {@code /health}: whether to send clients here. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends the connection, which is noticed there
final class Health {
    private final Server server;
    private final String since;
    private final String version = version();
    private final Optional<ClusterState> cluster;

    Health(Server server, Instant since) {
        this.server = server;
        this.cluster = server.settings().hub().cluster();
        this.since = since.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    void respond(HttpConnection http, boolean keepAlive) {
        Readiness readiness = server.settings().readiness();
        if (server.draining() || (!readiness.hasChecks() && cluster.isEmpty())) {
            respond(http, keepAlive, Map.of(), Optional.empty());
        } else {
            HttpConnection.onThread(() -> {
                Map<String, Boolean> checks = readiness.results();
                Optional<String> state = cluster.map(ClusterState::json);
                http.onLoop(() -> respond(http, keepAlive, checks, state));
            });
        }
    }

    private void respond(
            HttpConnection http, boolean keepAlive, Map<String, Boolean> checks, Optional<String> clusterState) {
        boolean ready = !checks.containsValue(false);
        String status = server.draining() ? "draining" : ready ? "up" : "unready";
        Counts counts = server.settings().hub().counts();
        StringBuilder json = new StringBuilder("{\"status\":\"" + status + "\",\"connections\":"
                + counts.get(Count.CONNECTIONS) + ",\"channels\":" + counts.get(Count.CHANNELS) + ",\"topics\":"
                + server.settings().hub().topics() + ",\"version\":\"" + version + "\",\"since\":\"" + since + "\"");
        if (!checks.isEmpty()) {
            json.append(checks.entrySet().stream()
                    .map(check -> "\"" + check.getKey() + "\":" + check.getValue())
                    .collect(Collectors.joining(",", ",\"checks\":{", "}")));
        }
        clusterState.ifPresent(state -> json.append(",\"cluster\":").append(state));
        json.append('}');
        http.respond(
                HttpConnection.response(
                        status.equals("up") ? 200 : 503, "application/json; charset=utf-8", json.toString()),
                keepAlive);
    }

    /** The build writes it. */
    private static String version() {
        try (InputStream in = Health.class.getResourceAsStream("version.txt")) {
            return in == null ? "unknown" : new String(in.readAllBytes(), StandardCharsets.UTF_8).trim();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
