package io.heliodor.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.endpoint.Endpoint;
import io.heliodor.node.Node;
import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

/** Health and metrics, in an application with the actuator. */
class OperationsTests {
    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withUserConfiguration(Application.class)
            .withPropertyValues(
                    "heliodor.port=0",
                    "heliodor.host=127.0.0.1",
                    "heliodor.security=open",
                    "management.metrics.export.defaults.enabled=false",
                    "management.simple.metrics.export.enabled=true");

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}

    private static Health health(AssertableApplicationContext context) {
        return context.getBean("heliodorHealthIndicator", HealthIndicator.class).health();
    }

    @Test
    void theHealthIsThatOfTheEndpointAndTheNode() {
        application
                .withUserConfiguration(ServingTests.Mapped.class)
                .withPropertyValues("heliodor.cluster.name=a@127.0.0.1", "heliodor.cluster.bind=127.0.0.1:0")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    Health first = health(context);
                    assertThat(first.getStatus())
                            .as("the first node of a cluster")
                            .isEqualTo(Status.UP);
                    assertThat(first.getDetails())
                            .containsEntry(
                                    "port", context.getBean(Endpoint.class).port())
                            .containsEntry("node", "a@127.0.0.1")
                            .containsKeys("cluster", "reachable", "unreachable", "quorum");
                    context.getBean(Endpoint.class).close();
                    assertThat(health(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
                    context.getBean(Node.class).close();
                    assertThat(health(context).getStatus()).isEqualTo(Status.DOWN);
                });
    }

    @Test
    void anApplicationThatServesNoSocketIsUp() {
        application.run(context -> assertThat(health(context).getStatus()).isEqualTo(Status.UP));
    }

    @Test
    void theMetersAreInTheRegistry() {
        application
                .withUserConfiguration(ServingTests.Mapped.class)
                .run(context -> assertThat(context.getBean(MeterRegistry.class)
                                .find("heliodor.connections")
                                .gauge())
                        .isNotNull());
    }
}
