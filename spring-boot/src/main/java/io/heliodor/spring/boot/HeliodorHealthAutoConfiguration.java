package io.heliodor.spring.boot;

import io.heliodor.endpoint.Endpoint;
import io.heliodor.node.Node;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/** The health of the endpoint and the node, in an application with Boot's health. */
@AutoConfiguration(after = {HeliodorAutoConfiguration.class, HeliodorNodeAutoConfiguration.class})
@ConditionalOnClass(HealthIndicator.class)
@ConditionalOnBean({Endpoint.class, EndpointLifecycle.class})
public final class HeliodorHealthAutoConfiguration {
    @Bean
    @ConditionalOnMissingBean(name = "heliodorHealthIndicator")
    HealthIndicator heliodorHealthIndicator(Endpoint endpoint, EndpointLifecycle lifecycle, ObjectProvider<Node> node) {
        return new EndpointHealth(endpoint, lifecycle, node);
    }
}
