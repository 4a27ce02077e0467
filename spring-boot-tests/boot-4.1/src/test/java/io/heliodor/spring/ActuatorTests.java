package io.heliodor.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.Page;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;

/** The endpoint {@code heliodor} of the actuator. */
class ActuatorTests {
    record Here(String where) {}

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {
        @Bean
        SecurityFilterChain open(HttpSecurity http) throws Exception {
            return http.authorizeHttpRequests(each -> each.anyRequest().permitAll())
                    .build();
        }

        @Bean
        Presence<Here> visitors(PubSub pubsub) {
            return Presence.over(pubsub, Here.class);
        }
    }

    private static ConfigurableApplicationContext run(String... more) {
        String[] arguments = new String[more.length + 4];
        arguments[0] = "--heliodor.port=0";
        arguments[1] = "--heliodor.host=127.0.0.1";
        arguments[2] = "--heliodor.security=open";
        arguments[3] = "--server.port=0";
        System.arraycopy(more, 0, arguments, 4, more.length);
        return SpringApplication.run(new Class<?>[] {Application.class, ServingTests.Mapped.class}, arguments);
    }

    private static int port(ConfigurableApplicationContext context, String name) {
        return context.getEnvironment().getRequiredProperty(name, Integer.class);
    }

    private static HttpResponse<String> get(ConfigurableApplicationContext context) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + port(context, "local.server.port") + "/actuator/heliodor");
            return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void theStateIsInNumbers() throws Exception {
        try (ConfigurableApplicationContext context = run(
                "--management.endpoints.web.exposure.include=heliodor",
                "--heliodor.cluster.name=a@127.0.0.1",
                "--heliodor.cluster.bind=127.0.0.1:0")) {
            int port = port(context, "local.heliodor.port");
            try (Page page = Page.open(port)) {
                assertThat(page.join("room:ann")).contains("\"ok\"");
                assertThat(Page.refused(port, Map.of("Origin", "https://evil.example")))
                        .isEqualTo(403);
                assertThat(page.join("nowhere")).contains("unmatched topic");
                assertThat(get(context).body())
                        .contains(
                                "\"running\":true",
                                "\"port\":" + port,
                                "\"sockets\":{\"/socket\":[\"room:*\",\"lobby\"]}",
                                "\"connections\":{\"open\":1,\"opened\":1,\"closed\":{},\"refused\":{\"origin\":1}}",
                                "\"channels\":{\"open\":1,\"accepted\":1,\"refused\":1,\"failed\":0}",
                                "\"topics\":1",
                                "\"presences\":{\"visitors\":0}",
                                "\"node\":{\"name\":\"a@127.0.0.1\",\"running\":true,\"members\":1,\"links\":{}}")
                        .doesNotContain("room:ann", "nowhere");
            }
        }
    }

    @Test
    void itIsNotExposedByDefault() throws Exception {
        try (ConfigurableApplicationContext context = run()) {
            assertThat(get(context).statusCode()).isEqualTo(404);
        }
    }
}
