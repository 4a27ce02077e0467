package io.heliodor.spring.boot;

import io.heliodor.endpoint.Endpoint;
import io.heliodor.node.Node;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** The endpoint {@code heliodor} of the actuator. */
@AutoConfiguration(after = {HeliodorAutoConfiguration.class, HeliodorNodeAutoConfiguration.class})
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnBean(Endpoint.class)
@ConditionalOnAvailableEndpoint(StateEndpoint.class)
public final class HeliodorActuatorAutoConfiguration {
    @Bean
    @ConditionalOnMissingBean
    StateEndpoint heliodorStateEndpoint(
            Endpoint endpoint, ServedSockets served, ObjectProvider<Node> node, ListableBeanFactory beans) {
        return new StateEndpoint(endpoint, served, node, beans);
    }
}
