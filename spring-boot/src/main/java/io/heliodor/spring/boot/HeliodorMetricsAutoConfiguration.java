package io.heliodor.spring.boot;

import io.heliodor.endpoint.Endpoint;
import io.heliodor.group.Groups;
import io.heliodor.micrometer.HeliodorMetrics;
import io.heliodor.micrometer.NodeMetrics;
import io.heliodor.node.Node;
import io.heliodor.presence.Presence;
import io.heliodor.token.Revocations;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** The meters of the endpoint, of presences by the names of their beans, and of the node, in an application with Micrometer. */
@AutoConfiguration(
        after = {HeliodorAutoConfiguration.class, HeliodorNodeAutoConfiguration.class},
        afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean(MeterRegistry.class)
public final class HeliodorMetricsAutoConfiguration {
    @Bean
    @ConditionalOnBean(Endpoint.class)
    @ConditionalOnMissingBean
    HeliodorMetrics heliodorMetrics(
            Endpoint endpoint, Groups groups, Revocations revocations, ListableBeanFactory beans) {
        HeliodorMetrics metrics = HeliodorMetrics.of(endpoint).groups(groups).revocations(revocations);
        beans.getBeansOfType(Presence.class).forEach((bean, presence) -> metrics.presence(bean, presence));
        return metrics;
    }

    @Bean
    @ConditionalOnBean(Node.class)
    @ConditionalOnMissingBean
    NodeMetrics heliodorNodeMetrics(Node node) {
        return NodeMetrics.of(node);
    }
}
