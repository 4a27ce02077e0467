package io.heliodor.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.Answers.RETURNS_DEEP_STUBS;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

import io.heliodor.node.Ending;
import io.heliodor.node.Node;
import io.heliodor.pubsub.PubSub;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;

/** The availability of an application with Boot, and the health of its endpoint and its node. */
class AvailabilityTests {
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {
        @Bean
        SecurityFilterChain open(HttpSecurity http) throws Exception {
            return http.authorizeHttpRequests(each -> each.anyRequest().permitAll())
                    .build();
        }
    }

    /** A node that ends when the test completes its end. */
    @Configuration(proxyBeanMethods = false)
    static class Ended {
        final CompletableFuture<Ending> end = new CompletableFuture<>();
        final List<LivenessState> states = new CopyOnWriteArrayList<>();

        @Bean
        Node node() {
            Node node = mock(Node.class, RETURNS_DEEP_STUBS);
            PubSub pubsub = PubSub.local();
            given(node.name()).willReturn("a@127.0.0.1");
            given(node.pubsub()).willReturn(pubsub);
            given(node.ended()).willReturn(end);
            return node;
        }

        @EventListener
        void changed(AvailabilityChangeEvent<LivenessState> event) {
            states.add(event.getState());
        }
    }

    private static ConfigurableApplicationContext run(Class<?>... more) {
        SpringApplication application = new SpringApplication(
                Stream.concat(Stream.of(Application.class, ServingTests.Mapped.class), Stream.of(more))
                        .toArray(Class<?>[]::new));
        application.setDefaultProperties(Map.of(
                "heliodor.port", "0",
                "heliodor.host", "127.0.0.1",
                "heliodor.security", "open",
                "server.port", "0",
                "management.endpoint.health.show-details", "always"));
        return application.run();
    }

    private static HttpResponse<String> get(ConfigurableApplicationContext context, String server, String path)
            throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            String port = context.getEnvironment().getRequiredProperty("local." + server + ".port");
            URI uri = URI.create("http://127.0.0.1:" + port + path);
            return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void aNodeThatClosedItselfMakesTheApplicationBroken() throws Exception {
        try (ConfigurableApplicationContext context = run(Ended.class)) {
            Ended ended = context.getBean(Ended.class);
            ApplicationAvailability availability = context.getBean(ApplicationAvailability.class);
            assertThat(get(context, "server", "/actuator/health/liveness").statusCode())
                    .isEqualTo(200);
            ended.end.complete(new Ending.NameTaken("a@127.0.0.1"));
            HttpResponse<String> health = get(context, "server", "/actuator/health");
            assertThat(health.statusCode()).isEqualTo(503);
            assertThat(health.body()).contains("\"node\":\"a@127.0.0.1\"", "\"ended\":\"NameTaken[name=a@127.0.0.1]\"");
            await().atMost(DEADLINE).until(() -> availability.getLivenessState() == LivenessState.BROKEN);
            assertThat(get(context, "server", "/actuator/health/liveness").statusCode())
                    .isEqualTo(503);
            assertThat(ended.states).containsExactly(LivenessState.CORRECT, LivenessState.BROKEN);
        }
    }

    @Test
    void aNodeThatTheApplicationClosesDoesNot() throws Exception {
        try (ConfigurableApplicationContext context = run(Ended.class)) {
            Ended ended = context.getBean(Ended.class);
            ended.end.complete(new Ending.Closed());
            assertThat(get(context, "server", "/actuator/health").statusCode()).isEqualTo(503);
            assertThat(get(context, "server", "/actuator/health/liveness").statusCode())
                    .isEqualTo(200);
            assertThat(ended.states).containsExactly(LivenessState.CORRECT);
        }
    }

    @Test
    void theReadinessIsInTheHealthOfTheEndpoint() throws Exception {
        try (ConfigurableApplicationContext context = run()) {
            HttpResponse<String> ready = get(context, "heliodor", "/health");
            assertThat(ready.statusCode()).as(ready.body()).isEqualTo(200);
            assertThat(ready.body()).contains("\"checks\":{\"readiness_state\":true}");
            AvailabilityChangeEvent.publish(context, ReadinessState.REFUSING_TRAFFIC);
            // The endpoint checks at most once a second.
            await().atMost(DEADLINE).untilAsserted(() -> {
                HttpResponse<String> refusing = get(context, "heliodor", "/health");
                assertThat(refusing.statusCode()).isEqualTo(503);
                assertThat(refusing.body()).contains("\"status\":\"unready\"", "\"readiness_state\":false");
            });
        }
    }
}
