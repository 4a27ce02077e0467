package io.heliodor.micrometer;

import io.heliodor.node.Node;
import io.heliodor.node.Statistic;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Locale;
import java.util.Objects;

/**
 * The {@linkplain Node#statistic statistics} of a node as meters, which are read on demand: {@link Statistic#SESSIONS_OPENED} is
 * the counter {@code heliodor.node.sessions.opened}. It needs {@code heliodor-cluster} in addition to this module.
 *
 * {@snippet lang="java" :
 * NodeMetrics.of(node).bindTo(registry);
 * }
 *
 * <p>There is one meter for each statistic, without a tag unless one is given, and two gauges for the {@linkplain Node#links()
 * link} to each other member, with the tag {@code peer}, until it leaves. {@code docs/cluster-operations.md} lists them all.
 * The meters do not keep the node alive. Any thread may use it.
 */
public final class NodeMetrics implements MeterBinder {
    private final Node node;
    private final Tags tags;

    private NodeMetrics(Node node, Tags tags) {
        this.node = node;
        this.tags = tags;
    }

    /**
     * The meters of a node.
     *
     * @param node the node
     * @return the binder
     */
    public static NodeMetrics of(Node node) {
        Objects.requireNonNull(node, "node");
        return new NodeMetrics(node, Tags.empty());
    }

    /**
     * The meters of a node with additional tags, for a registry with meters of several nodes.
     *
     * @param node the node
     * @param tags for each of its meters
     * @return the binder
     */
    public static NodeMetrics of(Node node, Iterable<Tag> tags) {
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(tags, "tags");
        return new NodeMetrics(node, Tags.of(tags));
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Objects.requireNonNull(registry, "registry");
        for (Statistic statistic : Statistic.values()) {
            bind(statistic, registry);
        }
        node.membership().subscribe(new LinkMeters(registry, tags, node));
    }

    private void bind(Statistic statistic, MeterRegistry registry) {
        String name =
                "heliodor.node." + statistic.name().toLowerCase(Locale.ROOT).replace('_', '.');
        Meters<Node> meters = new Meters<>(registry, tags, node);
        switch (statistic.kind()) {
            case GAUGE ->
                meters.gauge(name, statistic.unit(), statistic.description(), read -> read.statistic(statistic));
            case COUNTER ->
                meters.counter(name, statistic.unit(), statistic.description(), read -> read.statistic(statistic));
        }
    }
}
