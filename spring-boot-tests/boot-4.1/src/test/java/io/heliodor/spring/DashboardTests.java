package io.heliodor.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.dashboard.Dashboard;
import io.heliodor.event.Empty;
import io.heliodor.fixtures.Page;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.spring.boot.HeliodorAutoConfiguration;
import io.heliodor.spring.boot.HeliodorDashboardAutoConfiguration;
import io.heliodor.spring.boot.HeliodorNodeAutoConfiguration;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.core.Authentication;

/** The dashboard of an application, by properties. */
@ExtendWith(OutputCaptureExtension.class)
@Timeout(60)
class DashboardTests {
    private static final String TOKEN = "a-token.for_these~tests";
    private static final Pattern GENERATED = Pattern.compile("/dashboard\\?token=([\\w-]{43})");

    private final HttpClient http = HttpClient.newHttpClient();
    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    HeliodorAutoConfiguration.class,
                    HeliodorNodeAutoConfiguration.class,
                    HeliodorDashboardAutoConfiguration.class))
            .withClassLoader(new FilteredClassLoader(Authentication.class))
            .withUserConfiguration(Mapped.class)
            .withPropertyValues("heliodor.port=0", "heliodor.host=127.0.0.1");
    private final ApplicationContextRunner enabled =
            application.withPropertyValues("heliodor.dashboard.enabled=true", "heliodor.dashboard.token=" + TOKEN);

    @Configuration(proxyBeanMethods = false)
    static class Mapped {
        @Bean
        @ChannelMapping("room:*")
        Channel<Object, Empty> room() {
            return ServingTests.room();
        }
    }

    @AfterEach
    void close() {
        http.close();
    }

    private static int port(AssertableApplicationContext context) {
        assertThat(context).hasNotFailed();
        return context.getEnvironment().getRequiredProperty("local.heliodor.port", Integer.class);
    }

    private int status(AssertableApplicationContext context, String path) throws IOException, InterruptedException {
        URI address = URI.create("http://127.0.0.1:" + port(context) + path);
        return http.send(HttpRequest.newBuilder(address).build(), BodyHandlers.discarding())
                .statusCode();
    }

    /** The replies to the join of the page, and to its call {@code overview}. */
    private static String replies(AssertableApplicationContext context) throws InterruptedException {
        try (Page page = Page.signedIn(port(context), "/dashboard/socket", TOKEN)) {
            return page.join("heliodor:dashboard") + page.asks("heliodor:dashboard", "overview", "{}");
        }
    }

    @Test
    void itIsOffByDefault() {
        application.withPropertyValues("heliodor.dashboard.token=" + TOKEN).run(context -> {
            assertThat(context).doesNotHaveBean(Dashboard.class);
            assertThat(status(context, "/dashboard?token=" + TOKEN)).isEqualTo(404);
        });
        enabled.withPropertyValues("heliodor.dashboard.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(Dashboard.class));
    }

    @Test
    void aPropertyServesItAndItsTokenIsInNoLog(CapturedOutput output) {
        enabled.run(context -> {
            assertThat(status(context, "/dashboard?token=" + TOKEN)).isEqualTo(200);
            assertThat(status(context, "/dashboard?token=another-token-of-others"))
                    .isEqualTo(401);
            assertThat(replies(context)).contains("\"actions\":false", "\"connections\":0", "\"cluster\":null");
        });
        assertThat(output.getAll()).contains("The endpoint listens on").doesNotContain(TOKEN);
    }

    @Test
    void aTokenThatIsGeneratedIsInOneLine(CapturedOutput output) {
        AtomicReference<String> token = new AtomicReference<>();
        application.withPropertyValues("heliodor.dashboard.enabled=true").run(context -> {
            Matcher line = GENERATED.matcher(output.getAll());
            assertThat(line.find()).isTrue();
            token.set(line.group(1));
            assertThat(line.find()).as("a second time").isFalse();
            assertThat(status(context, "/dashboard?token=" + token.get())).isEqualTo(200);
        });
        application
                .withPropertyValues("heliodor.dashboard.enabled=true")
                .run(context -> assertThat(status(context, "/dashboard?token=" + token.get()))
                        .as("another start")
                        .isEqualTo(401));
    }

    @Test
    void aPropertySwitchesActionsOn() {
        enabled.withPropertyValues("heliodor.dashboard.actions=true")
                .run(context -> assertThat(replies(context)).contains("\"actions\":true"));
    }

    record Online(String device) {}

    @Configuration(proxyBeanMethods = false)
    static class Present {
        @Bean
        Presence<Online> online(PubSub pubsub) {
            return Presence.over(pubsub, Online.class);
        }
    }

    @Test
    void itShowsTheNodeAndThePresenceBeans() {
        enabled.withUserConfiguration(Present.class)
                .withPropertyValues(
                        "heliodor.cluster.name=a@127.0.0.1",
                        "heliodor.cluster.bind=127.0.0.1:0",
                        "heliodor.cluster.cookie=a-cookie-of-the-tests")
                .run(context -> assertThat(replies(context))
                        .contains("\"coordinator\":\"a@127.0.0.1\"", "\"replication\":{\"presences\":0,"));
    }

    @Configuration(proxyBeanMethods = false)
    static class Customized {
        @Bean
        DashboardCustomizer payloads() {
            return Dashboard.Builder::actions;
        }
    }

    @Test
    void aCustomizerChangesIt() {
        enabled.withUserConfiguration(Customized.class)
                .run(context -> assertThat(replies(context)).contains("\"actions\":true"));
    }

    @Configuration(proxyBeanMethods = false)
    static class Own {
        @Bean
        Dashboard own(PubSub pubsub) {
            return Dashboard.over(pubsub).token(TOKEN + "-of-the-bean").build();
        }
    }

    @Test
    void aBeanReplacesIt() {
        enabled.withUserConfiguration(Own.class).run(context -> {
            assertThat(context).hasSingleBean(Dashboard.class);
            assertThat(status(context, "/dashboard?token=" + TOKEN + "-of-the-bean"))
                    .isEqualTo(200);
            assertThat(status(context, "/dashboard?token=" + TOKEN)).isEqualTo(401);
        });
    }

    @Test
    void withoutItsDependencyAnApplicationStartsOnlyIfItIsOff() {
        FilteredClassLoader without = new FilteredClassLoader(Dashboard.class, Authentication.class);
        application
                .withClassLoader(without)
                .run(context -> assertThat(status(context, "/dashboard")).isEqualTo(404));
        enabled.withClassLoader(without)
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessage("The property heliodor.dashboard.enabled is true, but the application lacks"
                                + " heliodor-dashboard."));
    }

    @Test
    void withoutSocketsItIsServedAndWithoutAnEndpointItIsNot() {
        ApplicationContextRunner alone = new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        HeliodorAutoConfiguration.class,
                        HeliodorNodeAutoConfiguration.class,
                        HeliodorDashboardAutoConfiguration.class))
                .withPropertyValues(
                        "heliodor.port=0", "heliodor.dashboard.enabled=true", "heliodor.dashboard.token=" + TOKEN);
        alone.run(context ->
                assertThat(status(context, "/dashboard?token=" + TOKEN)).isEqualTo(200));
        alone.withPropertyValues("heliodor.enabled=false")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(Dashboard.class));
    }

    @Test
    void itIsListedAsAnAutoConfiguration() {
        assertThat(ImportCandidates.load(
                        org.springframework.boot.autoconfigure.AutoConfiguration.class,
                        DashboardTests.class.getClassLoader()))
                .contains(HeliodorDashboardAutoConfiguration.class.getName());
    }
}
