package io.heliodor.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import io.heliodor.group.Groups;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.token.Revocations;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeliodorMetricsTests {
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private record Here(String where) {}

    private static final Event<Empty> SHOUT = Event.of("shout", Empty.class);
    private static final Event<Empty> CRASH = Event.of("crash", Empty.class);
    private static final Call<Empty, Empty, Reason> COUNT = Call.of("count", Empty.class, Empty.class);
    private static final Call<Empty, Empty, Reason> COUNT_LATER = Call.of("count_later", Empty.class, Empty.class);

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final PubSub pubsub = PubSub.local();
    private final Presence<Here> presence = Presence.over(pubsub, Here.class);
    private final Channel<Object, Empty> room = Channel.join(join -> Join.ok(Empty.EMPTY))
            .onJoined(context -> presence.track(context, "ann", new Here("lobby")))
            .on(SHOUT, (nothing, context) -> context.broadcast(SHOUT, nothing))
            .answer(COUNT, (nothing, context) -> Reply.ok())
            .answerLater(COUNT_LATER, (nothing, context, answer) -> answer.send(Reply.ok()))
            .on(CRASH, (nothing, context) -> {
                throw new IllegalStateException("asked to crash");
            })
            .build();
    private final Endpoint endpoint = Endpoint.builder()
            .host("127.0.0.1")
            .port(0)
            .pubsub(pubsub)
            .socket("/socket", UserSocket.open().channel("room:*", room).build())
            .build()
            .start();
    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        endpoint.close();
        pubsub.close();
        http.close();
    }

    /** A client that records its messages. */
    private static final class Client implements WebSocket.Listener {
        final Queue<String> received = new ConcurrentLinkedQueue<>();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
            received.add(text.toString());
            socket.request(1);
            return null;
        }
    }

    private WebSocket connect(Client client) {
        return http.newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + endpoint.port() + "/socket/websocket?vsn=2.0.0"), client)
                .join();
    }

    private double gauge(String name) {
        return registry.get("heliodor." + name).gauge().value();
    }

    private double counter(String name, String... tags) {
        return registry.get("heliodor." + name).tags(tags).functionCounter().count();
    }

    private static void eventually(org.awaitility.core.ThrowingRunnable assertion) {
        await().atMost(DEADLINE).pollInterval(Duration.ofMillis(10)).untilAsserted(assertion);
    }

    private static String describe(Meter meter) {
        String unit =
                meter.getId().getBaseUnit() == null ? "" : " " + meter.getId().getBaseUnit();
        return meter.getId().getType().name().toLowerCase(java.util.Locale.ROOT) + " "
                + meter.getId().getName() + unit
                + meter.getId().getTags().stream()
                        .map(tag -> " " + tag.getKey() + "=" + tag.getValue())
                        .collect(Collectors.joining());
    }

    @Test
    void theMetersAreThese() {
        HeliodorMetrics.of(endpoint)
                .presence("rooms", presence)
                .groups(Groups.over(pubsub))
                .revocations(Revocations.over(pubsub))
                .bindTo(registry);
        assertThat(registry.getMeters().stream().map(HeliodorMetricsTests::describe))
                .containsExactlyInAnyOrderElementsOf(Stream.concat(
                                Stream.of(
                                        "gauge heliodor.channels",
                                        "gauge heliodor.connections",
                                        "gauge heliodor.connections.paused",
                                        "gauge heliodor.groups",
                                        "gauge heliodor.handlers.oldest seconds",
                                        "gauge heliodor.lanes bytes",
                                        "gauge heliodor.mailbox.messages",
                                        "gauge heliodor.memory.direct.limit bytes",
                                        "gauge heliodor.memory.direct.used bytes",
                                        "gauge heliodor.memory.limit bytes",
                                        "gauge heliodor.memory.replicated bytes",
                                        "gauge heliodor.memory.used bytes",
                                        "gauge heliodor.outboxes bytes",
                                        "gauge heliodor.presences presence=rooms",
                                        "gauge heliodor.presences.lost presence=rooms",
                                        "gauge heliodor.presences.lost.memory bytes presence=rooms",
                                        "counter heliodor.presences.lost.refused presence=rooms",
                                        "gauge heliodor.revocations",
                                        "gauge heliodor.topics",
                                        "counter heliodor.accepts.failed",
                                        "counter heliodor.binary.skipped",
                                        "counter heliodor.calls.once.alone",
                                        "counter heliodor.calls.once.cut",
                                        "counter heliodor.calls.once.refused",
                                        "counter heliodor.calls.once.repeated",
                                        "counter heliodor.calls.once.unavailable",
                                        "counter heliodor.calls.once.unknown",
                                        "counter heliodor.certificates.failed",
                                        "counter heliodor.channel.messages.over.rate",
                                        "counter heliodor.channels.failed",
                                        "counter heliodor.channels.unauthorized",
                                        "counter heliodor.connections.opened",
                                        "counter heliodor.deferred.unsent",
                                        "counter heliodor.events.unhandled",
                                        "counter heliodor.exceptions.expected",
                                        "counter heliodor.frames.in",
                                        "counter heliodor.frames.malformed",
                                        "counter heliodor.frames.out",
                                        "counter heliodor.frames.stale",
                                        "counter heliodor.groups.refused",
                                        "counter heliodor.handlers.long",
                                        "counter heliodor.handlers.timed.out",
                                        "counter heliodor.histories.dropped",
                                        "counter heliodor.history.ahead.refused",
                                        "counter heliodor.history.copies.refused",
                                        "counter heliodor.history.evicted",
                                        "counter heliodor.history.missed",
                                        "counter heliodor.history.positions.unknown",
                                        "counter heliodor.history.streams.forgotten",
                                        "counter heliodor.history.tokens.too.long",
                                        "counter heliodor.joins.accepted",
                                        "counter heliodor.joins.over.rate",
                                        "counter heliodor.joins.overloaded",
                                        "counter heliodor.joins.overrun",
                                        "counter heliodor.joins.refused",
                                        "counter heliodor.joins.unread",
                                        "counter heliodor.loops.stalled",
                                        "counter heliodor.messages.discarded",
                                        "counter heliodor.messages.dropped",
                                        "counter heliodor.messages.undeclared",
                                        "counter heliodor.messages.over.rate",
                                        "counter heliodor.audit.left.out",
                                        "counter heliodor.observations.dropped",
                                        "counter heliodor.payloads.invalid",
                                        "counter heliodor.polls.forwarded",
                                        "counter heliodor.push.counts.cut",
                                        "counter heliodor.reads.paused",
                                        "counter heliodor.refreshes",
                                        "counter heliodor.refreshes.refused",
                                        "counter heliodor.revocations.refused",
                                        "counter heliodor.slow.dropped",
                                        "counter heliodor.slow.replaced",
                                        "counter heliodor.traffic.in bytes",
                                        "counter heliodor.traffic.out bytes",
                                        "counter heliodor.writes.after.end"),
                                Stream.concat(
                                        Stream.of(
                                                        "client",
                                                        "disconnected",
                                                        "draining",
                                                        "expired",
                                                        "fault",
                                                        "idle",
                                                        "kicked",
                                                        "mailbox_full",
                                                        "overloaded",
                                                        "malformed",
                                                        "pings",
                                                        "protocol",
                                                        "rate",
                                                        "refused",
                                                        "slow",
                                                        "too_large")
                                                .map(reason -> "counter heliodor.connections.closed reason=" + reason),
                                        Stream.of(
                                                        "connect",
                                                        "connections",
                                                        "connections_of_address",
                                                        "handshakes",
                                                        "host",
                                                        "origin",
                                                        "overloaded",
                                                        "proxy_header",
                                                        "request",
                                                        "slow_handshake",
                                                        "tls",
                                                        "version")
                                                .map(reason -> "counter heliodor.requests.refused reason=" + reason)))
                        .toList());
        assertThat(registry.getMeters())
                .allSatisfy(meter -> assertThat(meter.getId().getDescription())
                        .as("%s", meter.getId())
                        .matches("[A-Z].*\\."));
    }

    @Test
    void theNumbersFollowAClientUpAndDown() {
        HeliodorMetrics.of(endpoint).presence("rooms", presence).bindTo(registry);
        Client client = new Client();
        WebSocket socket = connect(client);
        socket.sendText("[\"1\",\"1\",\"room:a\",\"phx_join\",{}]", true).join();
        eventually(() -> assertThat(gauge("presences")).isEqualTo(1));
        socket.sendText("[\"1\",null,\"room:a\",\"shout\",{}]", true).join();
        eventually(() -> assertThat(client.received).anyMatch(each -> each.contains("shout")));
        assertThat(gauge("connections")).isEqualTo(1);
        assertThat(gauge("channels")).isEqualTo(1);
        assertThat(counter("joins.accepted")).isEqualTo(1);
        assertThat(counter("frames.in")).isEqualTo(2);
        assertThat(counter("frames.out")).isGreaterThanOrEqualTo(2);
        socket.abort();
        for (String name : List.of("connections", "channels", "topics", "presences", "mailbox.messages")) {
            eventually(() -> assertThat(gauge(name)).as(name).isZero());
        }
        assertThat(counter("connections.closed", "reason", "client")).isEqualTo(1);
    }

    @Test
    void ownersThatLostTheirConnectionsAreCounted() {
        try (PubSub own = PubSub.local();
                Presence<Here> kept = Presence.builder(own, Here.class)
                        .grace(Duration.ofMinutes(1))
                        .build()) {
            Channel<Object, Empty> hall = Channel.join(join -> Join.ok(Empty.EMPTY))
                    .onJoined(context -> kept.track(context, "ann", new Here("hall")))
                    .build();
            try (Endpoint serving = Endpoint.builder()
                    .host("127.0.0.1")
                    .port(0)
                    .pubsub(own)
                    .socket("/socket", UserSocket.open().channel("hall", hall).build())
                    .build()
                    .start()) {
                HeliodorMetrics.of(serving).presence("hall", kept).bindTo(registry);
                WebSocket socket = http.newWebSocketBuilder()
                        .buildAsync(serving.webSocketUri("/socket"), new Client())
                        .join();
                socket.sendText("[\"1\",\"1\",\"hall\",\"phx_join\",{}]", true).join();
                eventually(() -> assertThat(gauge("presences")).isEqualTo(1));
                assertThat(gauge("presences.lost")).isZero();
                socket.abort();
                eventually(() -> assertThat(gauge("presences.lost")).isEqualTo(1));
                assertThat(gauge("presences")).isEqualTo(1);
                assertThat(gauge("presences.lost.memory")).isPositive();
                assertThat(counter("presences.lost.refused")).isZero();
            }
        }
    }

    @Test
    void handlersAreTimedByDefinitionAndResultUntilItIsClosed() {
        HeliodorMetrics metrics = HeliodorMetrics.of(endpoint, Tags.of(Tag.of("endpoint", "main")));
        metrics.bindTo(registry);
        Client client = new Client();
        WebSocket socket = connect(client);
        socket.sendText("[\"1\",\"1\",\"room:a\",\"phx_join\",{}]", true).join();
        socket.sendText("[\"1\",null,\"room:a\",\"shout\",{}]", true).join();
        socket.sendText("[\"1\",null,\"room:a\",\"made up by a client\",{}]", true)
                .join();
        socket.sendText("[\"1\",\"2\",\"room:a\",\"count\",{}]", true).join();
        socket.sendText("[\"1\",\"3\",\"room:a\",\"count_later\",{}]", true).join();
        socket.sendText("[\"1\",null,\"room:a\",\"crash\",{}]", true).join();
        eventually(
                () -> assertThat(registry.find("heliodor.handlers").timers().stream()
                                .map(HeliodorMetricsTests::describe))
                        .containsExactlyInAnyOrder(
                                "timer heliodor.handlers seconds channel=/socket endpoint=main kind=connect name=connect result=ok",
                                "timer heliodor.handlers seconds channel=room:* endpoint=main kind=join name=join result=ok",
                                "timer heliodor.handlers seconds channel=room:* endpoint=main kind=event name=shout result=ok",
                                "timer heliodor.handlers seconds channel=room:* endpoint=main kind=call name=count result=ok",
                                "timer heliodor.handlers seconds channel=room:* endpoint=main kind=call name=count_later result=ok",
                                "timer heliodor.handlers seconds channel=room:* endpoint=main kind=event name=crash result=failed"));
        Timer shouts = registry.get("heliodor.handlers").tag("name", "shout").timer();
        assertThat(shouts.count()).isEqualTo(1);
        assertThat(shouts.takeSnapshot().histogramCounts()).hasSize(12);
        metrics.close();
        socket.sendText("[\"2\",\"2\",\"room:a\",\"phx_join\",{}]", true).join();
        eventually(() -> assertThat(counter("joins.accepted")).isEqualTo(2));
        assertThat(registry.get("heliodor.handlers").tag("kind", "join").timer().count())
                .isEqualTo(1);
        socket.abort();
    }
}
