package io.heliodor.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Call;
import io.heliodor.event.CloseCode;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import io.heliodor.fixtures.Page;
import io.heliodor.group.Groups;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.token.Revocations;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
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

    @AfterEach
    void close() {
        endpoint.close();
        pubsub.close();
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

    /** The first two cells of each row of the first table after a text. */
    private static Map<String, String> table(String after) throws IOException {
        String document = Files.readString(Path.of("../docs/observability.md"));
        return document.substring(document.indexOf(after))
                .lines()
                .dropWhile(line -> !line.startsWith("|"))
                .takeWhile(line -> line.startsWith("|"))
                .skip(2)
                .map(line -> line.split(" *\\| *"))
                .collect(Collectors.toMap(cells -> cells[1].split("`", 3)[1], cells -> cells[2]));
    }

    private Stream<Meter.Id> meters(Meter.Type type) {
        return registry.getMeters().stream().map(Meter::getId).filter(id -> id.getType() == type);
    }

    private Map<String, String> descriptionsByReason(String name) {
        return meters(Meter.Type.COUNTER)
                .filter(id -> id.getName().equals(name))
                .collect(Collectors.toMap(id -> id.getTag("reason"), Meter.Id::getDescription));
    }

    @Test
    void theTablesOfTheDocumentListTheMeters() throws IOException {
        HeliodorMetrics.of(endpoint)
                .presence("rooms", presence)
                .groups(Groups.over(pubsub))
                .revocations(Revocations.over(pubsub))
                .bindTo(registry);
        assertThat(table("### Gauges"))
                .isEqualTo(meters(Meter.Type.GAUGE)
                        .collect(Collectors.toMap(
                                Meter.Id::getName, id -> Objects.requireNonNullElse(id.getBaseUnit(), ""))));
        assertThat(table("### Counters").keySet())
                .isEqualTo(meters(Meter.Type.COUNTER).map(Meter.Id::getName).collect(Collectors.toSet()));
        assertThat(meters(Meter.Type.COUNTER).filter(id -> id.getBaseUnit() != null))
                .extracting(id -> id.getName() + " " + id.getBaseUnit())
                .containsExactlyInAnyOrder("heliodor.traffic.in bytes", "heliodor.traffic.out bytes");
        assertThat(registry.getMeters())
                .filteredOn(meter -> meter.getId().getTag("presence") != null)
                .allMatch(meter -> meter.getId().getName().startsWith("heliodor.presences"))
                .hasSize(4);
        Map<String, String> closes = table("`reason` of `heliodor.connections.closed`");
        assertThat(descriptionsByReason("heliodor.connections.closed"))
                .hasSameSizeAs(closes)
                .allSatisfy((reason, description) -> assertThat(description)
                        .endsWith(reason.equals("client") ? "broke." : "(" + closes.get(reason) + ")."));
        assertThat(closes.values().stream()
                        .flatMap(codes -> Pattern.compile("\\d+").matcher(codes).results())
                        .map(code ->
                                CloseCode.of(Integer.parseInt(code.group())).orElseThrow())
                        .distinct())
                .containsExactlyInAnyOrder(CloseCode.values());
        assertThat(table("`reason` of `heliodor.requests.refused`").keySet())
                .isEqualTo(descriptionsByReason("heliodor.requests.refused").keySet());
        assertThat(registry.getMeters())
                .allSatisfy(meter -> assertThat(meter.getId().getDescription())
                        .as("%s", meter.getId())
                        .matches("[A-Z].*\\."));
    }

    @Test
    void theNumbersFollowAClientUpAndDown() throws InterruptedException {
        HeliodorMetrics.of(endpoint).presence("rooms", presence).bindTo(registry);
        Page client = Page.open(endpoint.port());
        client.sends("room:a", "phx_join", "{}");
        eventually(() -> assertThat(gauge("presences")).isEqualTo(1));
        client.sends("room:a", "shout", "{}");
        client.next("room:a", "shout");
        assertThat(gauge("connections")).isEqualTo(1);
        assertThat(gauge("channels")).isEqualTo(1);
        assertThat(counter("joins.accepted")).isEqualTo(1);
        assertThat(counter("frames.in")).isEqualTo(2);
        assertThat(counter("frames.out")).isGreaterThanOrEqualTo(2);
        client.close();
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
                Page client = Page.open(serving.port());
                client.sends("hall", "phx_join", "{}");
                eventually(() -> assertThat(gauge("presences")).isEqualTo(1));
                assertThat(gauge("presences.lost")).isZero();
                client.close();
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
        Page client = Page.open(endpoint.port());
        client.sends("room:a", "phx_join", "{}");
        client.sends("room:a", "shout", "{}");
        client.sends("room:a", "made up by a client", "{}");
        client.sends("room:a", "count", "{}");
        client.sends("room:a", "count_later", "{}");
        client.sends("room:a", "crash", "{}");
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
        client.sends("room:a", "phx_join", "{}");
        eventually(() -> assertThat(counter("joins.accepted")).isEqualTo(2));
        assertThat(registry.get("heliodor.handlers").tag("kind", "join").timer().count())
                .isEqualTo(1);
        client.close();
    }
}
