package io.heliodor.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.atLeastOnce;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Channels;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import io.heliodor.fixtures.Page;
import io.heliodor.group.Groups;
import io.heliodor.limit.Limits;
import io.heliodor.node.Node;
import io.heliodor.pubsub.PubSub;
import io.heliodor.spring.boot.HeliodorAutoConfiguration;
import io.heliodor.spring.boot.HeliodorNodeAutoConfiguration;
import io.heliodor.token.Revocations;
import io.heliodor.token.Secret;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.mockito.InOrder;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.core.Authentication;

/** The beans of the auto-configuration, and the sockets that it serves, without a web server and without Spring Security. */
class ServingTests {
    record Text(String text) {}

    static final Call<Text, Text, Reason> ECHO = Call.of("echo", Text.class, Text.class);
    static final Event<Text> NEWS = Event.of("news", Text.class);

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(HeliodorAutoConfiguration.class, HeliodorNodeAutoConfiguration.class))
            .withClassLoader(new FilteredClassLoader(Authentication.class))
            .withPropertyValues("heliodor.port=0", "heliodor.host=127.0.0.1");

    static Channel<Object, Empty> room() {
        return Channel.join(join -> Join.ok(Empty.EMPTY))
                .answer(ECHO, (text, room) -> Reply.ok(text))
                .build();
    }

    private static int port(AssertableApplicationContext context) {
        assertThat(context).hasNotFailed();
        return context.getEnvironment().getRequiredProperty("local.heliodor.port", Integer.class);
    }

    @Configuration(proxyBeanMethods = false)
    static class Mapped {
        @Bean
        @ChannelMapping({"room:*", "lobby"})
        Channel<Object, Empty> room() {
            return ServingTests.room();
        }
    }

    @Test
    void aChannelWithAMappingIsServed() {
        application.withUserConfiguration(Mapped.class).run(context -> {
            assertThat(context)
                    .hasSingleBean(PubSub.class)
                    .hasSingleBean(Channels.class)
                    .hasSingleBean(Groups.class)
                    .hasSingleBean(Revocations.class)
                    .doesNotHaveBean(Node.class)
                    .doesNotHaveBean(Secret.class);
            try (Page page = Page.open(port(context))) {
                assertThat(page.join("room:1")).isEqualTo("{\"status\":\"ok\",\"response\":{}}");
                assertThat(page.asks("room:1", "echo", "{\"text\":\"hi\"}"))
                        .isEqualTo("{\"status\":\"ok\",\"response\":{\"text\":\"hi\"}}");
                context.getBean(Channels.class).broadcast("room:1", NEWS, new Text("today"));
                assertThat(page.receives()).contains("\"news\",{\"text\":\"today\"}");
                assertThat(page.join("lobby")).contains("\"ok\"");
                assertThat(page.join("other")).contains("unmatched topic");
            }
        });
    }

    @Test
    void theEndOfTheContextDrains() {
        AtomicReference<Page> page = new AtomicReference<>();
        application.withUserConfiguration(Mapped.class).run(context -> page.set(Page.open(port(context))));
        assertThat(page.get()).satisfies(open -> assertThat(open.receives()).isEqualTo("closed with 1001"));
    }

    @Test
    void thePropertyIsTheWindowOfTheDrain() {
        Endpoint endpoint = mock(Endpoint.class);
        given(endpoint.isRunning()).willReturn(true);
        application
                .withBean(Endpoint.class, () -> endpoint)
                .withPropertyValues("heliodor.drain=20s")
                .run(context -> assertThat(context).hasNotFailed());
        InOrder calls = inOrder(endpoint);
        calls.verify(endpoint).drain(Duration.ofSeconds(20));
        calls.verify(endpoint, atLeastOnce()).close();
    }

    @Configuration(proxyBeanMethods = false)
    static class Socket {
        @Bean
        UserSocket<String> socket() {
            return UserSocket.connect(
                            connect -> connect.param("user").isPresent() ? Connect.ok("") : Connect.ok("none"))
                    .channel("room:*", room())
                    .build();
        }
    }

    @Test
    void aUserSocketIsServedAtThePath() {
        application
                .withUserConfiguration(Socket.class)
                .withPropertyValues("heliodor.path=/live")
                .run(context -> {
                    try (Page page = Page.open(port(context), "/live", Map.of())) {
                        assertThat(page.join("room:1")).contains("\"ok\"");
                    }
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class TwoSockets {
        @Bean
        @SocketMapping("/a")
        UserSocket<Object> a() {
            return UserSocket.open().channel("room:*", room()).build();
        }

        @Bean
        @SocketMapping("/b")
        UserSocket<Object> b() {
            return UserSocket.open().channel("hall:*", room()).build();
        }
    }

    @Test
    void socketsHavePathsOfTheirOwn() {
        application.withUserConfiguration(TwoSockets.class).run(context -> {
            try (Page a = Page.open(port(context), "/a", Map.of());
                    Page b = Page.open(port(context), "/b", Map.of())) {
                assertThat(a.join("room:1")).contains("\"ok\"");
                assertThat(b.join("hall:1")).contains("\"ok\"");
            }
        });
    }

    @Test
    void withoutSocketsAndChannelsNoPortIsOpen() {
        application.run(context -> {
            assertThat(context).hasNotFailed().hasSingleBean(PubSub.class).hasSingleBean(Endpoint.class);
            assertThat(context.getEnvironment().getProperty("local.heliodor.port"))
                    .isNull();
            assertThat(context.getBean(Endpoint.class).isRunning()).isFalse();
        });
    }

    @Test
    void disabledThereIsNoEndpoint() {
        application
                .withUserConfiguration(Mapped.class)
                .withPropertyValues("heliodor.enabled=false")
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(Channels.class)
                        .doesNotHaveBean(Endpoint.class));
    }

    @Configuration(proxyBeanMethods = false)
    static class Customized {
        @Bean
        EndpointCustomizer texts() {
            return endpoint -> endpoint.get("/version", request -> new io.heliodor.endpoint.Text("text/plain", "7"));
        }

        @Bean
        LimitsCustomizer limits() {
            return limits -> limits.connections(connections -> connections.max(1));
        }

        @Bean
        PubSub own() {
            return PubSub.local();
        }
    }

    @Test
    void customizersAndOwnBeansComeAfterTheProperties() {
        application
                .withUserConfiguration(Mapped.class, Customized.class)
                .withPropertyValues("heliodor.secret=a secret of the application, with 32 bytes")
                .run(context -> {
                    assertThat(context)
                            .hasSingleBean(PubSub.class)
                            .hasBean("own")
                            .hasSingleBean(Secret.class);
                    try (Page page = Page.open(port(context))) {
                        assertThat(page.join("room:1")).contains("\"ok\"");
                        assertThat(Page.refused(port(context), Map.of())).isEqualTo(503);
                    }
                });
    }

    static final class Taken extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @Configuration(proxyBeanMethods = false)
    static class Throwing {
        @Bean
        @ChannelMapping("seat:*")
        Channel<Object, Empty> seat() {
            return Channel.join(join -> Join.ok(Empty.EMPTY))
                    .answer(ECHO, (text, seat) -> {
                        throw new Taken();
                    })
                    .build();
        }

        @Bean
        @Order(2)
        SocketCustomizer exceptions() {
            return socket -> socket.onException(Taken.class, _ -> Reply.error("taken"))
                    .around(invocation -> {
                        invocation.socket();
                        invocation.proceed();
                    });
        }

        @Bean
        @Order(1)
        SocketCustomizer channels() {
            return socket -> socket.channel("hall", room());
        }
    }

    @Test
    void customizersOfTheSocketHoldForAllMappedChannels() {
        application.withUserConfiguration(Mapped.class, Throwing.class).run(context -> {
            try (Page page = Page.open(port(context))) {
                assertThat(page.join("seat:1")).contains("\"ok\"");
                assertThat(page.asks("seat:1", "echo", "{\"text\":\"mine\"}")).contains("\"reason\":\"taken\"");
                assertThat(page.join("hall")).contains("\"ok\"");
            }
        });
    }

    @Test
    void twoNodesShareTopics() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        ApplicationContextRunner node = application
                .withUserConfiguration(Mapped.class)
                .withPropertyValues(
                        "heliodor.cluster.cookie=a-cookie-of-the-tests", "heliodor.cluster.seeds=127.0.0.1:" + port);
        node.withPropertyValues("heliodor.cluster.name=a@127.0.0.1", "heliodor.cluster.bind=127.0.0.1:" + port)
                .run(a -> node.withPropertyValues(
                                "heliodor.cluster.name=b@127.0.0.1", "heliodor.cluster.bind=127.0.0.1:0")
                        .run(b -> {
                            assertThat(b)
                                    .hasNotFailed()
                                    .hasSingleBean(Node.class)
                                    .hasSingleBean(PubSub.class);
                            assertThat(b.getBean(PubSub.class))
                                    .isSameAs(b.getBean(Node.class).pubsub());
                            try (Page page = Page.open(port(a))) {
                                assertThat(page.join("room:1")).contains("\"ok\"");
                                b.getBean(Channels.class).broadcast("room:1", NEWS, new Text("of b"));
                                assertThat(page.receives()).contains("\"news\",{\"text\":\"of b\"}");
                            }
                        }));
    }

    @Test
    void limitsOfTheInsideAreChosenByAProperty() {
        application
                .withUserConfiguration(Mapped.class)
                .withPropertyValues("heliodor.limits=inside-network")
                .withBean(LimitsCustomizer.class, () -> limits -> {
                    assertThat(limits).isEqualTo(Limits.insideNetwork());
                    return limits;
                })
                .run(context -> assertThat(context).hasNotFailed());
    }
}
