package io.heliodor.spring;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.heliodor.channel.Channel;
import io.heliodor.channel.Channels;
import io.heliodor.channel.Join;
import io.heliodor.channel.Out;
import io.heliodor.channel.Reply;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import io.heliodor.fixtures.Page;
import io.heliodor.micrometer.HeliodorObservations;
import io.heliodor.node.Node;
import io.heliodor.rpc.Procedure;
import io.micrometer.tracing.Tracer;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.net.ServerSocket;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Traces of clients, handlers and nodes, by the bridge to OpenTelemetry and an exporter in memory. */
class TracingTests {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String CLIENT_SPAN = "00f067aa0ba902b7";
    private static final Map<String, String> TRACED = Map.of("traceparent", "00-" + TRACE + "-" + CLIENT_SPAN + "-01");

    static final Event<Empty> NEWS = Event.of("news", Empty.class);
    static final Event<Empty> CRASH = Event.of("crash", Empty.class);
    static final Call<Empty, Empty, Reason> SAY = Call.of("say", Empty.class, Empty.class);
    static final Procedure<String, String> LENGTH = Procedure.of("length", String.class, String.class);

    private static final InMemorySpanExporter EXPORTER = InMemorySpanExporter.create();

    /** Keeps the spans after the end of a context. */
    private static final class Kept implements SpanExporter {
        @Override
        public CompletableResultCode export(Collection<SpanData> spans) {
            return EXPORTER.export(spans);
        }

        @Override
        public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }
    }

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withUserConfiguration(Application.class)
            .withPropertyValues(
                    "heliodor.port=0",
                    "heliodor.host=127.0.0.1",
                    "heliodor.trusted-proxies=127.0.0.1",
                    "heliodor.security=open",
                    "management.tracing.sampling.probability=1.0",
                    "spring.datasource.generate-unique-name=true");

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {
        @Bean
        SpanProcessor exporter() {
            return SimpleSpanProcessor.create(new Kept());
        }

        @Bean
        @ChannelMapping("room:*")
        Channel<Object, Empty> channel(Channels channels, ObjectProvider<Node> node, Tracer tracer) {
            return Channel.join(join -> Join.ok(Empty.EMPTY))
                    .answer(SAY, (nothing, context) -> {
                        context.broadcast(NEWS, nothing);
                        channels.broadcast("room:2", NEWS, nothing);
                        node.ifAvailable(own -> own.membership()
                                .peers()
                                .forEach(peer ->
                                        own.rpc().call(peer, LENGTH, "four").orThrow()));
                        if (tracer.currentSpan() == null) {
                            return Reply.error("no span");
                        }
                        return Reply.ok();
                    })
                    .on(CRASH, (nothing, context) -> {
                        throw new IllegalStateException("asked to crash");
                    })
                    .intercept(NEWS, (nothing, context) -> Out.pass())
                    .build();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Procedures {
        @Bean
        AutoCloseable length(Node node, HeliodorObservations observations) {
            node.rpc().serve(LENGTH, text -> observations.observe("length", () -> text + text.length()));
            return () -> {};
        }
    }

    private static int port(AssertableApplicationContext context) {
        assertThat(context).hasNotFailed();
        return context.getEnvironment().getRequiredProperty("local.heliodor.port", Integer.class);
    }

    private static SpanData span(String name) {
        List<SpanData> spans = spans(name);
        assertThat(spans).as("%s of %s", name, EXPORTER.getFinishedSpanItems()).hasSize(1);
        return spans.getFirst();
    }

    private static List<SpanData> spans(String name) {
        return EXPORTER.getFinishedSpanItems().stream()
                .filter(span -> span.getName().equals(name))
                .toList();
    }

    @Test
    void aHandlerContinuesTheTraceOfItsClient() {
        EXPORTER.reset();
        application.run(context -> {
            try (Page page = Page.open(port(context), "/socket", TRACED)) {
                assertThat(page.join("room:1")).contains("\"ok\"");
                page.sends("room:1", "say", "{}");
                assertThat(List.of(page.receives(), page.receives()))
                        .anyMatch(message -> message.contains("\"news\""))
                        .anyMatch(message -> message.contains("phx_reply") && message.contains("\"ok\""));
            }
            for (String name : new String[] {"connect /socket/websocket", "join room:*", "call room:* say"}) {
                assertThat(span(name).getTraceId()).as(name).isEqualTo(TRACE);
                assertThat(span(name).getParentSpanId()).as(name).isEqualTo(CLIENT_SPAN);
                assertThat(span(name).getKind()).as(name).isEqualTo(SpanKind.SERVER);
            }
            assertThat(spans("broadcast news")).hasSize(2).allSatisfy(span -> {
                assertThat(span.getTraceId()).isEqualTo(TRACE);
                assertThat(span.getParentSpanId())
                        .isEqualTo(span("call room:* say").getSpanId());
                assertThat(span.getKind()).isEqualTo(SpanKind.PRODUCER);
            });
            SpanData intercept = span("intercept room:* news");
            assertThat(intercept.getTraceId()).isEqualTo(TRACE);
            assertThat(intercept.getKind()).isEqualTo(SpanKind.CONSUMER);
            assertThat(spans("broadcast news")).extracting(SpanData::getSpanId).contains(intercept.getParentSpanId());
        });
    }

    @Test
    void eachHandlerOfAClientWithoutATraceBeginsOne() {
        EXPORTER.reset();
        application.run(context -> {
            try (Page page = Page.open(port(context))) {
                assertThat(page.join("room:1")).contains("\"ok\"");
                page.sends("room:1", "say", "{}");
                assertThat(List.of(page.receives(), page.receives())).anyMatch(each -> each.contains("phx_reply"));
            }
            SpanData join = span("join room:*");
            SpanData call = span("call room:* say");
            assertThat(List.of(join, call))
                    .allMatch(span -> span.getParentSpanId().equals("0000000000000000"));
            assertThat(join.getTraceId()).isNotEqualTo(call.getTraceId());
            assertThat(span("intercept room:* news").getTraceId()).isEqualTo(call.getTraceId());
        });
    }

    @Test
    void theLineAboutAFailedHandlerHasTheIdsOfItsSpan() {
        EXPORTER.reset();
        Logger logger = (Logger) LoggerFactory.getLogger("io.heliodor.channel");
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        try {
            application.run(context -> {
                try (Page page = Page.open(port(context))) {
                    assertThat(page.join("room:1")).contains("\"ok\"");
                    page.sends("room:1", "crash", "{}");
                    assertThat(page.receives()).contains("phx_error");
                }
            });
        } finally {
            logger.detachAppender(log);
        }
        SpanData crash = span("event room:* crash");
        assertThat(log.list)
                .singleElement()
                .satisfies(line -> assertThat(line.getMDCPropertyMap())
                        .containsEntry("traceId", crash.getTraceId())
                        .containsEntry("spanId", crash.getSpanId()));
    }

    @Test
    void aHandlerOnAnotherNodeContinuesTheTrace() throws Exception {
        EXPORTER.reset();
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        ApplicationContextRunner node = application
                .withUserConfiguration(Procedures.class)
                .withPropertyValues(
                        "heliodor.cluster.cookie=a-cookie-of-the-tests", "heliodor.cluster.seeds=127.0.0.1:" + port);
        node.withPropertyValues("heliodor.cluster.name=a@127.0.0.1", "heliodor.cluster.bind=127.0.0.1:" + port)
                .run(a -> node.withPropertyValues(
                                "heliodor.cluster.name=b@127.0.0.1", "heliodor.cluster.bind=127.0.0.1:0")
                        .run(b -> {
                            try (Page page = Page.open(port(a), "/socket", TRACED);
                                    Page other = Page.open(port(b))) {
                                assertThat(page.join("room:1")).contains("\"ok\"");
                                assertThat(other.join("room:2")).contains("\"ok\"");
                                page.sends("room:1", "say", "{}");
                                assertThat(other.receives()).contains("\"news\"");
                                assertThat(List.of(page.receives(), page.receives()))
                                        .anyMatch(each -> each.contains("phx_reply") && each.contains("\"ok\""));
                            }
                        }));
        SpanData call = span("call room:* say");
        assertThat(call.getParentSpanId()).isEqualTo(CLIENT_SPAN);
        assertThat(spans("intercept room:* news"))
                .as("of both nodes")
                .hasSize(2)
                .allSatisfy(span -> assertThat(span.getTraceId()).isEqualTo(TRACE))
                .extracting(SpanData::getParentSpanId)
                .containsExactlyInAnyOrderElementsOf(spans("broadcast news").stream()
                        .map(SpanData::getSpanId)
                        .toList());
        SpanData procedure = span("delivery length");
        assertThat(procedure.getTraceId()).isEqualTo(TRACE);
        assertThat(procedure.getParentSpanId()).isEqualTo(call.getSpanId());
    }

    @Test
    void withoutATracerNothingIsObserved() {
        new ApplicationContextRunner()
                .withUserConfiguration(OperationsTests.Application.class)
                .withClassLoader(new FilteredClassLoader("io.micrometer.tracing"))
                .withPropertyValues("heliodor.port=0", "heliodor.host=127.0.0.1")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(HeliodorObservations.class));
    }
}
