package io.heliodor.playground;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.endpoint.Text;
import io.heliodor.micrometer.HeliodorMetrics;
import io.heliodor.micrometer.NodeMetrics;
import io.heliodor.node.Node;
import io.heliodor.presence.Presence;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The text for Prometheus. The first request creates the registry, so that a server without scrapes does not measure times.
 * The counters of the endpoint start with it.
 */
final class PrometheusText {
    private static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final Supplier<Endpoint> endpoint;
    private final Map<String, Presence<?>> presences;
    private final Optional<Node> node;

    @GuardedBy("this")
    private @Nullable PrometheusMeterRegistry registry;

    PrometheusText(Supplier<Endpoint> endpoint, Map<String, Presence<?>> presences, Optional<Node> node) {
        this.endpoint = endpoint;
        this.presences = presences;
        this.node = node;
    }

    /** The current metrics. */
    Text text() {
        return new Text(TYPE, registry().scrape(TYPE));
    }

    private synchronized PrometheusMeterRegistry registry() {
        if (registry == null) {
            PrometheusMeterRegistry fresh = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
            HeliodorMetrics metrics = HeliodorMetrics.of(endpoint.get());
            presences.forEach(metrics::presence);
            metrics.bindTo(fresh);
            node.ifPresent(own -> NodeMetrics.of(own).bindTo(fresh));
            new JvmMemoryMetrics().bindTo(fresh);
            new JvmThreadMetrics().bindTo(fresh);
            new ProcessorMetrics().bindTo(fresh);
            new FileDescriptorMetrics().bindTo(fresh);
            new UptimeMetrics().bindTo(fresh);
            registry = fresh;
        }
        return registry;
    }
}
