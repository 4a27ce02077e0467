package io.heliodor.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Channels;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.fixtures.Page;
import java.net.ServerSocket;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.core.Authentication;

/** An application without sockets publishes for the clients of the others. */
class WorkerTests {
    record Text(String text) {}

    static final Event<Text> NEWS = Event.of("news", Text.class);

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withUserConfiguration(Application.class)
            .withPropertyValues(
                    "heliodor.port=0", "heliodor.host=127.0.0.1", "spring.datasource.generate-unique-name=true");

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {
        @Bean
        @ChannelMapping("room:*")
        Channel<Object, Empty> room() {
            return Channel.join(join -> Join.ok(Empty.EMPTY))
                    .history(History.of(10, Duration.ofMinutes(1), NEWS))
                    .build();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Typed {
        @Bean
        @ChannelMapping("room:*")
        Channel<Authentication, Empty> room() {
            return Channel.of(Authentication.class)
                    .join(join -> Join.ok(Empty.EMPTY))
                    .history(History.of(10, Duration.ofMinutes(1), NEWS))
                    .build();
        }
    }

    @Test
    void itsKeptEventsReachTheClientsOfAnotherNode() throws Exception {
        int seed;
        try (ServerSocket free = new ServerSocket(0)) {
            seed = free.getLocalPort();
        }
        ApplicationContextRunner node = application.withPropertyValues(
                "heliodor.cluster.cookie=a-cookie-of-the-tests", "heliodor.cluster.seeds=127.0.0.1:" + seed);
        node.withPropertyValues(
                        "heliodor.security=open",
                        "heliodor.cluster.name=server@127.0.0.1",
                        "heliodor.cluster.bind=127.0.0.1:" + seed)
                .run(server -> {
                    assertThat(server).hasNotFailed();
                    node.withPropertyValues(
                                    "heliodor.enabled=false",
                                    "heliodor.cluster.name=worker@127.0.0.1",
                                    "heliodor.cluster.bind=127.0.0.1:0")
                            .run(worker -> {
                                assertThat(worker).hasNotFailed().doesNotHaveBean(Endpoint.class);
                                int port = server.getEnvironment()
                                        .getRequiredProperty("local.heliodor.port", Integer.class);
                                Channels channels = worker.getBean(Channels.class);
                                try (Page page = Page.open(port)) {
                                    assertThat(page.join("room:1")).contains("\"ok\"");
                                    channels.broadcast("room:1", NEWS, new Text("today"));
                                    assertThat(page.receives()).contains("\"@", "\"news\",{\"text\":\"today\"}");
                                }
                                assertThat(channels.push("users:1", NEWS, new Text("x"))
                                                .toCompletableFuture()
                                                .join())
                                        .isZero();
                                channels.disconnect("users:1");
                                channels.recheck("users:1");
                            });
                });
    }

    /** Nobody connects to a worker, so it needs neither a decoder of tokens nor assigns of their type. */
    @Test
    void itNeedsNoAccess() {
        new ApplicationContextRunner()
                .withUserConfiguration(Typed.class)
                .withPropertyValues("heliodor.enabled=false", "spring.datasource.generate-unique-name=true")
                .run(worker -> {
                    assertThat(worker).hasNotFailed();
                    worker.getBean(Channels.class).broadcast("room:1", NEWS, new Text("today"));
                });
    }
}
