package io.heliodor.micrometer;

import io.heliodor.channel.HandlerName;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.group.Groups;
import io.heliodor.observe.HandlerObserver.Result;
import io.heliodor.observe.Metric;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.Subscription;
import io.heliodor.token.Revocations;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The meters of an endpoint: its {@linkplain Endpoint#metrics() metrics} as gauges and counters that are read on demand, and the
 * duration of each handler as a timer with a distribution, {@code heliodor.handlers}.
 *
 * {@snippet lang="java" :
 * HeliodorMetrics.of(endpoint).presence("rooms", presence).bindTo(registry);
 * }
 *
 * <p>There are as many meters as the code declares: the tags are {@code reason}, which comes from Heliodor, and
 * {@code channel}, {@code kind}, {@code name} and {@code result} of a handler, which come from the application's definitions.
 * Topics, users and payloads are never tags. {@code docs/observability.md} lists all meters.
 *
 * <p>Handlers are timed after the binding. The meters do not keep the endpoint alive. Any thread may use it.
 */
public final class HeliodorMetrics implements MeterBinder, AutoCloseable {
    private static final Duration[] BUCKETS =
            List.of(1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000).stream()
                    .map(Duration::ofMillis)
                    .toArray(Duration[]::new);

    private final Endpoint endpoint;
    private final Tags tags;
    private final Map<String, Presence<?>> presences = new ConcurrentHashMap<>();
    private volatile Optional<Groups> groups = Optional.empty();
    private volatile Optional<Revocations> revocations = Optional.empty();
    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();

    private HeliodorMetrics(Endpoint endpoint, Tags tags) {
        this.endpoint = endpoint;
        this.tags = tags;
    }

    /**
     * The meters of an endpoint.
     *
     * @param endpoint the endpoint
     * @return the binder
     */
    public static HeliodorMetrics of(Endpoint endpoint) {
        Objects.requireNonNull(endpoint, "endpoint");
        return new HeliodorMetrics(endpoint, Tags.empty());
    }

    /**
     * The meters of an endpoint with additional tags, for a registry with meters of several endpoints.
     *
     * @param endpoint the endpoint
     * @param tags for each of its meters
     * @return the binder
     */
    public static HeliodorMetrics of(Endpoint endpoint, Iterable<Tag> tags) {
        Objects.requireNonNull(endpoint, "endpoint");
        Objects.requireNonNull(tags, "tags");
        return new HeliodorMetrics(endpoint, Tags.of(tags));
    }

    /**
     * Adds the numbers of a presence, with the tag {@code presence}: {@code heliodor.presences} and those that {@link
     * Presence.Builder#grace} keeps, {@code heliodor.presences.lost}. Before it is bound.
     *
     * @param name the value of the tag
     * @param presence the presence
     * @return this
     */
    public HeliodorMetrics presence(String name, Presence<?> presence) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(presence, "presence");
        presences.put(name, presence);
        return this;
    }

    /**
     * Adds the number of groups, {@code heliodor.groups}, and of changes that a limit refused, {@code heliodor.groups.refused}. Before it
     * is bound.
     *
     * @param ofTopics the groups
     * @return this
     */
    public HeliodorMetrics groups(Groups ofTopics) {
        Objects.requireNonNull(ofTopics, "groups");
        groups = Optional.of(ofTopics);
        return this;
    }

    /**
     * Adds the number of revoked subjects, {@code heliodor.revocations}, and of revocations that were refused because there were too many,
     * {@code heliodor.revocations.refused}. Before it is bound.
     *
     * @param ofTokens the revocations
     * @return this
     */
    public HeliodorMetrics revocations(Revocations ofTokens) {
        Objects.requireNonNull(ofTokens, "revocations");
        revocations = Optional.of(ofTokens);
        return this;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Objects.requireNonNull(registry, "registry");
        endpoint.metrics().all().forEach(metric -> bind(metric, registry));
        presences.forEach((name, presence) -> bind(new Meters<>(registry, tags.and("presence", name), presence)));
        groups.map(all -> new Meters<>(registry, tags, all)).ifPresent(meters -> {
            meters.gauge(
                    "heliodor.groups",
                    "",
                    "Groups of topics.",
                    all -> all.names().size());
            meters.counter("heliodor.groups.refused", "", "Changes of groups that a limit refused.", Groups::refused);
        });
        revocations.map(all -> new Meters<>(registry, tags, all)).ifPresent(meters -> {
            meters.gauge("heliodor.revocations", "", "Subjects whose tokens are revoked.", Revocations::size);
            meters.counter(
                    "heliodor.revocations.refused",
                    "",
                    "Revocations that were refused, because there were too many.",
                    Revocations::refused);
        });
        Map<Handled, Timer> timers = new ConcurrentHashMap<>();
        subscriptions.add(endpoint.observeHandlers((handler, result, time) -> timers.computeIfAbsent(
                        new Handled(handler, result), handled -> timer(handled, registry))
                .record(time)));
    }

    /** The timers by handler and result. */
    private record Handled(HandlerName handler, Result result) {}

    private void bind(Metric metric, MeterRegistry registry) {
        Tags all = metric.reason().map(reason -> tags.and("reason", reason)).orElse(tags);
        Meters<Metric> meters = new Meters<>(registry, all, metric);
        switch (metric.kind()) {
            case GAUGE -> meters.gauge(metric.name(), metric.unit(), metric.description(), Metric::value);
            case COUNTER -> meters.counter(metric.name(), metric.unit(), metric.description(), Metric::value);
        }
    }

    private static void bind(Meters<Presence<?>> meters) {
        meters.gauge(
                "heliodor.presences", "", "How many are present: each meta of each key on each topic.", Presence::size);
        meters.gauge(
                "heliodor.presences.lost",
                "",
                "Owners that lost their connections and are kept.",
                each -> each.lost().owners());
        meters.gauge(
                "heliodor.presences.lost.memory",
                "bytes",
                "The heap that lost owners take.",
                each -> each.lost().bytes());
        meters.counter(
                "heliodor.presences.lost.refused",
                "",
                "Lost owners that were removed at once, because the kept ones took too much memory.",
                each -> each.lost().refused());
    }

    private Timer timer(Handled handled, MeterRegistry registry) {
        return Timer.builder("heliodor.handlers")
                .description("How long handlers take.")
                .tags(tags.and(
                        "channel", handled.handler().channel(),
                        "kind", lower(handled.handler().kind()),
                        "name", handled.handler().name(),
                        "result", lower(handled.result())))
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** Stops timing handlers. The meters remain in their registries. */
    @Override
    public void close() {
        subscriptions.forEach(Subscription::close);
        subscriptions.clear();
    }
}
