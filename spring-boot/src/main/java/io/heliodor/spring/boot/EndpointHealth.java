package io.heliodor.spring.boot;

import io.heliodor.endpoint.Endpoint;
import io.heliodor.membership.Health;
import io.heliodor.node.Node;
import java.time.Duration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;

/**
 * Up while the endpoint accepts clients and its node has not ended. A node without others is up: it may be the first one, or the
 * only one that is left.
 */
final class EndpointHealth extends AbstractHealthIndicator {
    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    private final Endpoint endpoint;
    private final EndpointLifecycle lifecycle;
    private final ObjectProvider<Node> nodes;

    EndpointHealth(Endpoint endpoint, EndpointLifecycle lifecycle, ObjectProvider<Node> nodes) {
        this.endpoint = endpoint;
        this.lifecycle = lifecycle;
        this.nodes = nodes;
    }

    @Override
    protected void doHealthCheck(org.springframework.boot.health.contributor.Health.Builder builder) {
        builder.up();
        if (lifecycle.accepts()) {
            builder.withDetail("port", endpoint.port());
        } else if (lifecycle.serves()) {
            builder.outOfService();
        }
        Node node = nodes.getIfAvailable();
        if (node == null) {
            return;
        }
        builder.withDetail("node", node.name());
        if (node.ended().isDone()) {
            builder.down().withDetail("ended", node.ended().join().toString());
            return;
        }
        Health health = node.health(TIMEOUT);
        builder.withDetail("cluster", health.status())
                .withDetail("reachable", health.reachable())
                .withDetail("unreachable", health.unreachable())
                .withDetail("quorum", health.quorum())
                .withDetail("reasons", health.reasons());
    }
}
