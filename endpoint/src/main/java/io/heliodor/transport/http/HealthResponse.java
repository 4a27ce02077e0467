package io.heliodor.transport.http;

import io.heliodor.session.Hub;
import io.heliodor.session.cluster.ClusterState;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The response to {@code /health}, by which a load balancer decides whether to send clients here. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends the connection, which is noticed there
public final class HealthResponse {
    private final Hub hub;
    private final Readiness readiness;
    private final String since;
    private final String version = version();
    private final Optional<ClusterState> cluster;

    public HealthResponse(Hub hub, Readiness readiness, Instant since) {
        this.hub = hub;
        this.readiness = readiness;
        this.cluster = hub.cluster();
        this.since = since.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /**
     * Responds with the status, and with the state of the endpoint and its node if there shall be details.
     *
     * @param http the connection of the request
     * @param details whether the response has more than the status
     * @param keepAlive whether another request may follow
     */
    public void respond(HttpConnection http, boolean details, boolean keepAlive) {
        Optional<ClusterState> shown = details ? cluster : Optional.empty();
        if (hub.endOfPubSub().isPresent() || hub.draining() || (!readiness.hasChecks() && shown.isEmpty())) {
            respond(http, details, keepAlive, Map.of(), Optional.empty());
        } else {
            http.runBlocking(() -> {
                Map<String, Boolean> checks = readiness.results();
                Optional<String> state = shown.map(ClusterState::json);
                http.onLoop(() -> respond(http, details, keepAlive, checks, state));
            });
        }
    }

    private void respond(
            HttpConnection http,
            boolean details,
            boolean keepAlive,
            Map<String, Boolean> checks,
            Optional<String> clusterState) {
        boolean ready = !checks.containsValue(false);
        Optional<String> ended = hub.endOfPubSub();
        String status = ended.isPresent() ? "ended" : hub.draining() ? "draining" : ready ? "up" : "unready";
        String reason = ended.map(why -> ",\"reason\":\"" + why + "\"").orElse("");
        String json = "{\"status\":\"" + status + "\"" + reason + (details ? details(checks, clusterState) : "") + "}";
        http.respond(Responses.of(status.equals("up") ? 200 : 503, "application/json; charset=utf-8", json), keepAlive);
    }

    private String details(Map<String, Boolean> checks, Optional<String> clusterState) {
        Counters counters = hub.counters();
        StringBuilder json = new StringBuilder(",\"connections\":" + counters.get(Counter.CONNECTIONS)
                + ",\"channels\":" + counters.get(Counter.CHANNELS) + ",\"topics\":" + hub.topics()
                + ",\"version\":\"" + version + "\",\"since\":\"" + since + "\"");
        if (!checks.isEmpty()) {
            json.append(checks.entrySet().stream()
                    .map(check -> "\"" + check.getKey() + "\":" + check.getValue())
                    .collect(Collectors.joining(",", ",\"checks\":{", "}")));
        }
        clusterState.ifPresent(state -> json.append(",\"cluster\":").append(state));
        return json.toString();
    }

    /** The version, from a file that the build writes. */
    private static String version() {
        try (InputStream in = HealthResponse.class.getResourceAsStream("version.txt")) {
            return in == null ? "unknown" : new String(in.readAllBytes(), StandardCharsets.UTF_8).trim();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
