package io.heliodor.session.cluster;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.event.json.JsonString;
import io.heliodor.pubsub.engine.Nodes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The state of the cluster for {@code /health}. It is fetched at most once a second, for any number of requests. */
public final class ClusterState {
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final Duration ANSWER_TIMEOUT = Duration.ofMillis(500);

    private final Nodes nodes;
    private final LongSupplier clock;

    @GuardedBy("this")
    private @Nullable String last;

    @GuardedBy("this")
    private long lastAt;

    public ClusterState(Nodes nodes, LongSupplier clock) {
        this.nodes = nodes;
        this.clock = clock;
    }

    /**
     * The state as JSON: status, members, unreachable ones, and reasons if there are some. Blocks for up to half a second.
     *
     * @return an object
     */
    public synchronized String json() {
        String known = last;
        if (known == null || clock.getAsLong() - lastAt >= FRESH_NANOS) {
            Nodes.Health health = nodes.health(ANSWER_TIMEOUT);
            known = "{\"status\":\"" + health.status().name().toLowerCase(Locale.ROOT) + "\",\"members\":"
                    + list(health.members()) + ",\"unreachable\":" + list(health.unreachable())
                    + (health.reasons().isEmpty() ? "" : ",\"reasons\":" + list(health.reasons())) + "}";
            last = known;
            lastAt = clock.getAsLong();
        }
        return known;
    }

    /** Reasons have texts of exceptions. */
    private static String list(List<String> texts) {
        return texts.stream()
                .map(text -> new String(JsonString.quoted(text), StandardCharsets.UTF_8))
                .collect(Collectors.joining(",", "[", "]"));
    }
}
