package io.heliodor.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.election.Elections;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Reason;
import io.heliodor.fixtures.FreePort;
import io.heliodor.fixtures.Page;
import io.heliodor.node.Node;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Lines of the log with the default pattern of Boot, and the threads of handlers. */
@ExtendWith(OutputCaptureExtension.class)
class LogTests {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final Logger LOG = LoggerFactory.getLogger(LogTests.class);

    record Virtual(boolean virtual) {}

    static final Call<Empty, Virtual, Reason> ASK = Call.of("ask", Empty.class, Virtual.class);
    static final Call<Empty, Empty, Reason> CRASH = Call.of("crash", Empty.class, Empty.class);

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {
        @Bean
        @ChannelMapping("room:*")
        Channel<Object, Empty> room() {
            return Channel.join(join -> Join.ok(Empty.EMPTY))
                    .answer(ASK, (nothing, room) -> {
                        LOG.info("The handler runs.");
                        return Reply.ok(new Virtual(Thread.currentThread().isVirtual()));
                    })
                    .answer(CRASH, (nothing, room) -> {
                        throw new IllegalStateException("asked to crash");
                    })
                    .build();
        }
    }

    private static ConfigurableApplicationContext run(String... more) {
        SpringApplication application = new SpringApplication(Application.class);
        application.setDefaultProperties(Map.of(
                "heliodor.port",
                "0",
                "heliodor.host",
                "127.0.0.1",
                "heliodor.trusted-proxies",
                "127.0.0.1",
                "heliodor.security",
                "open",
                "server.port",
                "0"));
        return application.run(more);
    }

    private static Page page(ConfigurableApplicationContext context) {
        return Page.open(
                context.getEnvironment().getRequiredProperty("local.heliodor.port", Integer.class),
                "/socket",
                Map.of("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01"));
    }

    private static String line(CapturedOutput output, String text) {
        return output.getAll()
                .lines()
                .filter(line -> line.contains(text))
                .findFirst()
                .orElseThrow(() -> new AssertionError("No line has '" + text + "': " + output.getAll()));
    }

    @Test
    void linesAreReadableAndHaveTheTrace(CapturedOutput output) throws Exception {
        try (ConfigurableApplicationContext context = run();
                Page page = page(context)) {
            assertThat(page.join("room:1")).contains("\"ok\"");
            assertThat(page.asks("room:1", "ask", "{}")).contains("\"ok\"");
            page.sends("room:1", "crash", "{}");
            assertThat(page.receives()).contains("crashed");
            assertThat(page.receives()).contains("phx_error");
        }
        assertThat(line(output, "The handler runs.")).contains("[" + TRACE + "-");
        assertThat(output.getAll()).containsOnlyOnce(" listens on ");
        assertThat(line(output, "The endpoint listens on")).matches(".* : The endpoint listens on http://.*:[0-9]+ .*");
        assertThat(line(output, "Channel room:1 failed"))
                .contains(" ERROR ")
                .endsWith(": Channel room:1 failed in the handler of 'crash'; the client gets phx_error and may join"
                        + " again.");
    }

    @Test
    void aNodeThatIsAloneLogsItsSeedsInOurWords(CapturedOutput output) {
        try (ConfigurableApplicationContext context = run(
                "--heliodor.cluster.name=a@127.0.0.1",
                "--heliodor.cluster.bind=127.0.0.1:0",
                "--heliodor.cluster.seeds=127.0.0.1:" + FreePort.find())) {
            assertThat(line(output, "begins a cluster"))
                    .contains(" INFO ")
                    .contains("none of its seeds answers, 127.0.0.1:")
                    .contains("(no answer: Connection refused)");
        }
        assertThat(output.getAll()).doesNotContain("org.jgroups").doesNotContain("members discovered");
    }

    @Test
    void anElectionIsLedByAnApplicationWithoutANode() {
        try (ConfigurableApplicationContext context = run()) {
            Elections elections = context.getBean(Elections.class);
            CountDownLatch leads = new CountDownLatch(1);
            elections.election("scheduler").whileLeading(term -> leads.countDown());
            Awaitility.await().until(() -> leads.getCount() == 0);
            assertThat(context.getBeansOfType(Node.class)).isEmpty();
        }
        try (ConfigurableApplicationContext context =
                run("--heliodor.cluster.name=a@127.0.0.1", "--heliodor.cluster.bind=127.0.0.1:0")) {
            assertThat(context.getBean(Elections.class)).isSameAs(context.getBean(Node.class));
        }
    }

    @Test
    void handlersRunOnVirtualThreadsInEachCase() throws Exception {
        for (String setting : new String[] {"false", "true"}) {
            try (ConfigurableApplicationContext context = run("--spring.threads.virtual.enabled=" + setting);
                    Page page = page(context)) {
                assertThat(page.join("room:1")).contains("\"ok\"");
                assertThat(page.asks("room:1", "ask", "{}")).contains("{\"virtual\":true}");
            }
        }
    }
}
