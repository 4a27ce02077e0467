package io.heliodor.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Channels;
import io.heliodor.channel.Connect;
import io.heliodor.channel.InfoMessage;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Out;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import io.heliodor.fixtures.Page;
import io.heliodor.pubsub.Correlation;
import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.ReceiverContext;
import io.micrometer.observation.transport.SenderContext;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Observations of a socket and its channels, without a tracer. */
class HeliodorObservationsTests {
    private static final String PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    private static final Event<Empty> SHOUT = Event.of("shout", Empty.class);
    private static final Event<Empty> CRASH = Event.of("crash", Empty.class);
    private static final Call<Empty, Empty, Reason> COUNT = Call.of("count", Empty.class, Empty.class);
    private static final InfoMessage<Empty> TICK = InfoMessage.of("tick", Empty.class);

    /** Records the observations that have stopped. */
    private static final class Recording implements ObservationHandler<Observation.Context> {
        final LinkedBlockingQueue<Observation.Context> stopped = new LinkedBlockingQueue<>();

        @Override
        public void onStop(Observation.Context context) {
            stopped.add(context);
        }

        @Override
        public boolean supportsContext(Observation.Context context) {
            return true;
        }

        Observation.Context next() throws InterruptedException {
            Observation.Context next = stopped.poll(20, TimeUnit.SECONDS);
            assertThat(next).as("an observation").isNotNull();
            return next;
        }
    }

    private final Recording recording = new Recording();
    private final ObservationRegistry registry = ObservationRegistry.create();
    private final HeliodorObservations observations = HeliodorObservations.of(registry);
    private final LinkedBlockingQueue<String> current = new LinkedBlockingQueue<>();
    private Endpoint endpoint;

    private void see() {
        current.add(String.valueOf(registry.getCurrentObservation().getContext().getContextualName()));
    }

    private void serve() {
        registry.observationConfig().observationHandler(recording);
        Channel<Object, Empty> room = Channel.join(join -> Join.ok(Empty.EMPTY))
                .onJoined(context -> context.send(TICK, Empty.EMPTY))
                .on(SHOUT, (nothing, context) -> {
                    see();
                    return context.broadcast(SHOUT, nothing);
                })
                .answer(COUNT, (nothing, context) -> Reply.ok())
                .on(CRASH, (nothing, context) -> {
                    throw new IllegalStateException("asked to crash");
                })
                .onInfo(TICK, (nothing, context) -> NoReply.none())
                .intercept(SHOUT, (nothing, context) -> {
                    see();
                    return Out.pass();
                })
                .onLeave((why, context) -> see())
                .build();
        UserSocket<Object> socket = UserSocket.<Object>connect(connect ->
                        connect.param("out").isPresent() ? Connect.refuse() : Connect.<Object>ok(Empty.EMPTY))
                .around(invocation -> {
                    assertThat(registry.getCurrentObservation()).isNotNull();
                    invocation.proceed();
                })
                .channel("room:*", room)
                .build();
        endpoint = Endpoint.builder()
                .host("127.0.0.1")
                .port(0)
                .trustedProxies("127.0.0.1") // it gives the trace
                .socket("/socket", observations.observe(socket))
                .build()
                .start();
    }

    @AfterEach
    void close() {
        if (endpoint != null) {
            endpoint.close();
        }
    }

    private Page connect(String params) {
        return Page.open(endpoint.port(), "/socket", params, Map.of("traceparent", PARENT));
    }

    private static void send(Page client, String event) {
        client.sends("room:1", event, "{}");
    }

    private static Map<String, String> low(Observation.Context context) {
        return context.getLowCardinalityKeyValues().stream()
                .collect(Collectors.toMap(KeyValue::getKey, KeyValue::getValue));
    }

    private void expect(String name, String title, Map<String, String> keyValues) throws InterruptedException {
        Observation.Context context = recording.next();
        assertThat(context.getName()).isEqualTo(name);
        assertThat(context.getContextualName()).isEqualTo(title);
        assertThat(low(context)).isEqualTo(keyValues);
    }

    @Test
    void eachHandlerIsObserved() throws Exception {
        serve();
        Page client = connect("");
        expect(
                "heliodor.connect",
                "connect /socket/websocket",
                Map.of("channel", "/socket/websocket", "name", "connect", "outcome", "accepted"));
        send(client, "phx_join");
        expect("heliodor.join", "join room:*", Map.of("channel", "room:*", "name", "join"));
        expect("heliodor.joined", "joined room:*", Map.of("channel", "room:*", "name", "joined"));
        expect("heliodor.message", "message room:* tick", Map.of("channel", "room:*", "name", "tick"));
        send(client, "shout");
        expect("heliodor.broadcast", "broadcast shout", Map.of("event", "shout"));
        expect("heliodor.event", "event room:* shout", Map.of("channel", "room:*", "name", "shout"));
        expect("heliodor.intercept", "intercept room:* shout", Map.of("channel", "room:*", "name", "shout"));
        send(client, "count");
        expect("heliodor.call", "call room:* count", Map.of("channel", "room:*", "name", "count"));
        send(client, "phx_leave");
        expect("heliodor.leave", "leave room:*", Map.of("channel", "room:*", "name", "leave"));
        assertThat(List.copyOf(current))
                .as("the observations whose scope the handlers have")
                .containsExactly("event room:* shout", "intercept room:* shout", "leave room:*");
    }

    @Test
    void aHandlerContinuesTheTraceOfItsClient() throws Exception {
        serve();
        send(connect(""), "phx_join");
        for (int i = 0; i < 4; i++) {
            Observation.Context context = recording.next();
            assertThat(context).isInstanceOf(ReceiverContext.class);
            assertThat(((ReceiverContext<?>) context).getCarrier())
                    .as(context.getName())
                    .isEqualTo(Map.of("traceparent", PARENT));
        }
    }

    @Test
    void aBroadcastIsAChildOfItsHandler() throws Exception {
        serve();
        Page client = connect("");
        send(client, "phx_join");
        send(client, "shout");
        Observation.Context context = recording.next();
        while (!(context instanceof SenderContext)) {
            context = recording.next();
        }
        assertThat(context.getParentObservation().getContextView().getName()).isEqualTo("heliodor.event");
        assertThat(context.getHighCardinalityKeyValue("topic").getValue()).isEqualTo("room:1");
    }

    @Test
    void aFailureIsAnErrorOfTheObservation() throws Exception {
        serve();
        Page client = connect("");
        send(client, "phx_join");
        send(client, "crash");
        Observation.Context context = recording.next();
        while (!context.getName().equals("heliodor.event")) {
            context = recording.next();
        }
        assertThat(context.getError()).hasMessage("asked to crash");
        assertThat(context.getHighCardinalityKeyValue("topic").getValue()).isEqualTo("room:1");
        assertThat(context.getHighCardinalityKeyValue("correlation").getValue())
                .isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
    }

    @Test
    void aRefusedConnectionHasItsOutcome() throws Exception {
        serve();
        assertThatThrownBy(() -> connect("&out=1")).isInstanceOf(CompletionException.class);
        assertThat(low(recording.next())).containsEntry("outcome", "refused");
    }

    @Test
    void broadcastsOfServicesAreObserved() throws Exception {
        serve();
        Channels channels = observations.observe(endpoint.channels());
        channels.broadcast(List.of("room:1", "room:2"), SHOUT, Empty.EMPTY);
        Observation.Context context = recording.next();
        assertThat(context.getName()).isEqualTo("heliodor.broadcast");
        assertThat(context.getHighCardinalityKeyValue("topic").getValue()).isEqualTo("2 topics");
        channels.disconnect("users:1");
        channels.now().broadcast("room:1", SHOUT);
        assertThat(recording.stopped).isEmpty();
    }

    @Test
    void aHandlerOfAnotherKindContinuesTheTraceOfItsMessage() throws Exception {
        registry.observationConfig().observationHandler(recording);
        try (var _ = Correlation.traced(new Correlation.Trace(PARENT, "a=1"))) {
            assertThat(observations.<Integer>observe("add", () -> 3)).isEqualTo(3);
        }
        Observation.Context context = recording.next();
        assertThat(context.getContextualName()).isEqualTo("delivery add");
        assertThat(((ReceiverContext<?>) context).getCarrier())
                .isEqualTo(Map.of("traceparent", PARENT, "tracestate", "a=1"));
        assertThatThrownBy(() -> observations.observe("fail", () -> {
                    throw new java.io.IOException("as asked");
                }))
                .hasMessage("as asked");
        assertThat(recording.next().getError()).hasMessage("as asked");
    }

    @Test
    void aRegistryWithoutHandlersObservesNothing() throws Exception {
        HeliodorObservations none = HeliodorObservations.of(ObservationRegistry.NOOP);
        try (var _ = Correlation.traced(new Correlation.Trace(PARENT, ""))) {
            Optional<Correlation.Trace> trace = none.observe("trace", Correlation::trace);
            assertThat(trace).contains(new Correlation.Trace(PARENT, ""));
        }
    }
}
