package io.heliodor.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Answers.RETURNS_DEEP_STUBS;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.willAnswer;
import static org.mockito.Mockito.mock;

import io.heliodor.endpoint.Endpoint;
import io.heliodor.node.Node;
import io.heliodor.presence.Owner;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.ResolvableType;

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
                    assertThat(health(context).getDetails()).containsEntry("ended", "Closed[]");
                });
    }

    @Test
    void theHealthIsOutOfServiceDuringTheDrain() {
        Endpoint endpoint = mock(Endpoint.class, RETURNS_DEEP_STUBS);
        given(endpoint.isRunning()).willReturn(true);
        AtomicReference<Status> during = new AtomicReference<>();
        application
                .withBean(Endpoint.class, () -> endpoint)
                .withPropertyValues("heliodor.drain=5s")
                .run(context -> {
                    HealthIndicator indicator = context.getBean("heliodorHealthIndicator", HealthIndicator.class);
                    assertThat(indicator.health().getStatus()).isEqualTo(Status.UP);
                    willAnswer(_ -> {
                                during.set(indicator.health().getStatus());
                                return null;
                            })
                            .given(endpoint)
                            .drain(Duration.ofSeconds(5));
                });
        assertThat(during).hasValue(Status.OUT_OF_SERVICE);
    }

    @Test
    void anApplicationThatServesNoSocketIsUp() {
        application.run(context -> assertThat(health(context).getStatus()).isEqualTo(Status.UP));
    }

    record Here(String where) {}

    @Configuration(proxyBeanMethods = false)
    static class Present {
        @Bean
        Presence<Here> visitors(PubSub pubsub) {
            return Presence.over(pubsub, Here.class);
        }
    }

    @Test
    void theMetersAreInTheRegistry() {
        application
                .withUserConfiguration(ServingTests.Mapped.class, Present.class)
                .run(context -> {
                    MeterRegistry meters = context.getBean(MeterRegistry.class);
                    assertThat(meters.find("heliodor.connections").gauge()).isNotNull();
                    Gauge visitors = meters.get("heliodor.presences")
                            .tag("presence", "visitors")
                            .gauge();
                    assertThat(visitors.value()).isZero();
                    context.<Presence<Here>>getBeanProvider(
                                    ResolvableType.forClassWithGenerics(Presence.class, Here.class))
                            .getObject()
                            .track(Owner.of("hall"), "ann", new Here("hall"));
                    assertThat(visitors.value()).isEqualTo(1);
                });
    }
}
