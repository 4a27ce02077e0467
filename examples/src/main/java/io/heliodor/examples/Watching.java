package io.heliodor.examples;

import io.heliodor.channel.UserSocket;
import io.heliodor.dashboard.Dashboard;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.endpoint.Text;
import io.heliodor.micrometer.HeliodorMetrics;
import io.heliodor.micrometer.HeliodorObservations;
import io.heliodor.micrometer.NodeMetrics;
import io.heliodor.node.Node;
import io.heliodor.observe.Observation;
import io.heliodor.presence.Presence;
import io.heliodor.rpc.Procedure;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.sql.Connection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Metrics, observers and readiness for operators. */
final class Watching {
    private static final Logger LOG = LoggerFactory.getLogger(Watching.class);
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    private static final Procedure<String, String> RESERVE = Procedure.of("reserve", String.class, String.class);

    private Watching() {}

    private static String reserve(String request) {
        return request;
    }

    static void bind(Endpoint endpoint, Presence<?> presence, MeterRegistry registry) {
        // @start region=bind
        HeliodorMetrics.of(endpoint).presence("rooms", presence).bindTo(registry);
        // @end
    }

    static void bind(Node node, MeterRegistry registry) {
        // @start region=node
        NodeMetrics.of(node).bindTo(registry);
        // @end
    }

    static Endpoint.Builder serve(PrometheusMeterRegistry registry) {
        // @start region=serve
        Endpoint.Builder builder = Endpoint.builder().get("/metrics", _ -> new Text(PROMETHEUS, registry.scrape()));
        // @end
        return builder;
    }

    static void observe(Endpoint endpoint) {
        // @start region=observe
        endpoint.observe(observation -> {
            switch (observation) {
                case Observation.Disconnected(var connection, var code, var reason)
                when code == 4408 -> LOG.info("{} reads too slowly", connection);
                case Observation.JoinRefused refused -> LOG.info("{}", refused);
                default -> {}
            }
        });
        // @end
    }

    static Endpoint.Builder trace(ObservationRegistry registry, UserSocket<?> socket, Node node) {
        // @start region=trace
        HeliodorObservations observations = HeliodorObservations.of(registry);
        Endpoint.Builder traced = Endpoint.builder().socket("/socket", observations.observe(socket));
        node.rpc().serve(RESERVE, request -> observations.observe("reserve", () -> reserve(request)));
        // @end
        return traced;
    }

    static Endpoint.Builder ready(Connection database) {
        // @start region=ready
        Endpoint.Builder ready = Endpoint.builder().ready("database", () -> database.isValid(1));
        // @end
        return ready;
    }

    static Endpoint start(Node node, Presence<?> presence, Endpoint.Builder builder, String token) {
        // @start region=dashboard
        Dashboard dashboard = Dashboard.over(node.pubsub())
                .token(token)
                .node(node)
                .presence("rooms", presence)
                .build();
        Endpoint endpoint =
                dashboard.mountOn(builder.pubsub(node.pubsub())).build().start();
        // @end
        return endpoint;
    }
}
