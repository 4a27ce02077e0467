package io.heliodor.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Channels;
import io.heliodor.channel.Join;
import io.heliodor.event.Empty;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.spring.boot.HeliodorAutoConfiguration;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.TestChannel;
import io.heliodor.testkit.TestClock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.core.Authentication;
import org.springframework.util.ClassUtils;

/** The kit of a context. */
class KitTests {
    record Online(String device) {}

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    HeliodorAutoConfiguration.class,
                    ClassUtils.resolveClassName("io.heliodor.spring.test.ChannelKitAutoConfiguration", null)))
            .withClassLoader(new FilteredClassLoader(Authentication.class))
            .withPropertyValues("heliodor.enabled=false");

    @Configuration(proxyBeanMethods = false)
    static class Present {
        @Bean
        TestClock clock() {
            return TestClock.create();
        }

        @Bean
        Presence<Online> presence(PubSub pubsub) {
            return Presence.over(pubsub, Online.class);
        }

        @Bean
        @ChannelMapping("room:*")
        Channel<Object, Empty> room(Presence<Online> presence) {
            return Channel.join(join -> Join.ok(Empty.EMPTY))
                    .onJoined(room -> presence.track(room, "ann", new Online("web")))
                    .build();
        }
    }

    @Test
    void itHasThePresencesThePubSubAndTheClockOfTheContext() {
        application.withUserConfiguration(Present.class).run(context -> {
            try (ChannelKit kit = context.getBean(ChannelKit.class)) {
                assertThat(context.getBean(ChannelKit.class)).isSameAs(kit);
                TestChannel ann = kit.connect().join("room:1");
                assertThat(ann.presence(Online.class)).isEqualTo(Map.of("ann", List.of(new Online("web"))));
                context.getBean(Channels.class).broadcast("room:1", ServingTests.NEWS, new ServingTests.Text("today"));
                assertThat(ann.expect(ServingTests.NEWS)).isEqualTo(new ServingTests.Text("today"));
                assertThat(context.getBean(TestClock.class)).isSameAs(kit.clock());
            }
        });
    }

    /** A diff after the first one is held back for 75 ms, and the kit awaits it. */
    @Test
    void itAwaitsTheChangesOfThePresences() {
        application.withUserConfiguration(Present.class).run(context -> {
            try (ChannelKit kit = context.getBean(ChannelKit.class)) {
                TestChannel ann = kit.connect().join("room:1");
                for (int tabs = 2; tabs <= 6; tabs++) {
                    kit.connect().join("room:1");
                    assertThat(ann.presence(Online.class).get("ann")).hasSize(tabs);
                }
            }
        });
    }

    @Test
    void withoutASocketItNamesTheWayToOne() {
        application.run(context -> assertThatThrownBy(() -> context.getBean(ChannelKit.class))
                .rootCause()
                .hasMessage(
                        "This test has neither a UserSocket nor a Channel with @ChannelMapping. A @ChannelTest finds those of"
                                + " classes below the package of the application class; add others by @Import."));
    }

    @Test
    void withSeveralSocketsItNamesTheWayToOne() {
        application
                .withUserConfiguration(ServingTests.TwoSockets.class)
                .run(context -> assertThatThrownBy(() -> context.getBean(ChannelKit.class))
                        .rootCause()
                        .hasMessageContaining(
                                "A kit serves one socket, and there are those of [/a, /b]: name the class of one by"
                                        + " @ChannelTest(Rooms.class), or make a kit of each"));
    }
}
