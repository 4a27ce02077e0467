package io.heliodor.micrometer;

import io.heliodor.channel.AroundHook;
import io.heliodor.channel.Channels;
import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectHandler;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.HandlerName;
import io.heliodor.channel.Invocation;
import io.heliodor.channel.Outgoing;
import io.heliodor.channel.SendHook;
import io.heliodor.channel.UserSocket;
import io.heliodor.channel.definition.SocketDefinition;
import io.heliodor.pubsub.Correlation;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.ReceiverContext;
import io.micrometer.observation.transport.SenderContext;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * The handlers and broadcasts of an application as Micrometer observations: spans of a trace, if the registry has the handlers of
 * Micrometer Tracing.
 *
 * {@snippet lang="java" :
 * HeliodorObservations observations = HeliodorObservations.of(registry);
 * Endpoint.builder().socket("/socket", observations.observe(socket))
 * Channels channels = observations.observe(Channels.over(pubsub));
 * rpc.serve(ADD, request -> observations.observe("add", () -> add(request)));
 * }
 *
 * <p>A handler runs in the scope of its observation. Its span continues the {@linkplain Correlation#trace() trace} of the message that it
 * handles, or else that of the client's request to connect, and is the parent of all that the handler calls and sends: the handlers of
 * other nodes are in the same trace. Without a trace of the client each handler begins one.
 *
 * <p>The names are {@code heliodor.} with {@code connect}, {@code join}, {@code joined}, {@code event}, {@code call}, {@code message},
 * {@code intercept}, {@code leave}, {@code broadcast} and {@code delivery}. Key values of low cardinality are {@code channel} and
 * {@code name}, as in {@link HeliodorMetrics}, {@code event} of a broadcast and {@code outcome} of a connect. The topic and the
 * correlation id are of high cardinality, so they are in spans and in no meter. Payloads and users are in neither.
 *
 * <p>Any thread may use it.
 */
public final class HeliodorObservations {
    private static final String PREFIX = "heliodor.";
    private static final String OUTCOME = "outcome";

    private final ObservationRegistry registry;

    private HeliodorObservations(ObservationRegistry registry) {
        this.registry = registry;
    }

    /**
     * Observations of a registry.
     *
     * @param registry the registry
     * @return the observations
     */
    public static HeliodorObservations of(ObservationRegistry registry) {
        Objects.requireNonNull(registry, "registry");
        return new HeliodorObservations(registry);
    }

    /**
     * A socket with observations of its connect handler, of the handlers and hooks of its channels, and of the broadcasts that they send. The
     * observation of a handler is outside of the hooks of the socket.
     *
     * @param socket the socket; it does not change
     * @param <S> the type of the connection's assigns
     * @return the socket to serve
     */
    public <S> UserSocket<S> observe(UserSocket<S> socket) {
        Objects.requireNonNull(socket, "socket");
        SocketDefinition<S> definition = SocketDefinition.of(socket);
        ConnectHandler<S> connect = definition.connect();
        AroundHook<S> handle = this::handle;
        SendHook sends = definition.sendHook().orElse(Outgoing::run);
        return definition.within(
                request -> connect(connect, request), handle, message -> sends.send(observed(message)));
    }

    /**
     * Channels with observations of their broadcasts.
     *
     * @param channels the channels, such as those of a service
     * @return the channels to use
     */
    public Channels observe(Channels channels) {
        Objects.requireNonNull(channels, "channels");
        return channels.through(message -> observed(message).run());
    }

    /**
     * Runs the handler of a message from elsewhere: of a procedure, of a process or of a subscriber. Its span continues the trace of the
     * message, {@link Correlation#trace()}.
     *
     * @param name a name that the code declares, for {@code heliodor.delivery}
     * @param handler the code, on this thread
     * @param <T> the type of its result
     * @return its result
     * @throws Exception that of the handler
     */
    public <T> T observe(String name, Callable<T> handler) throws Exception {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(handler, "handler");
        Observation observation = received("delivery", Kind.CONSUMER)
                .contextualName("delivery " + name)
                .lowCardinalityKeyValue("name", name);
        return within(observation, handler);
    }

    private <S> ConnectOutcome<? extends S> connect(ConnectHandler<S> handler, Connect request) throws Exception {
        Observation observation = named(
                        received("connect", Kind.SERVER),
                        new HandlerName(request.path(), HandlerName.Kind.CONNECT, "connect"))
                .lowCardinalityKeyValue(OUTCOME, "failed");
        return within(observation, () -> {
            ConnectOutcome<? extends S> outcome = handler.connect(request);
            observation.lowCardinalityKeyValue(
                    OUTCOME, outcome instanceof ConnectOutcome.Refused<?> ? "refused" : "accepted");
            return outcome;
        });
    }

    private void handle(Invocation<?> invocation) throws Exception {
        HandlerName handler = invocation.handler();
        Kind kind = switch (handler.kind()) {
            case MESSAGE, INTERCEPT -> Kind.CONSUMER;
            case CONNECT, JOIN, JOINED, EVENT, CALL, LEAVE -> Kind.SERVER;
        };
        Observation observation = named(received(handler.kind().name().toLowerCase(Locale.ROOT), kind), handler)
                .highCardinalityKeyValue("topic", invocation.topic())
                .highCardinalityKeyValue("correlation", invocation.correlation());
        boolean _ = within(observation, () -> {
            invocation.proceed();
            return true;
        });
    }

    private static Observation named(Observation observation, HandlerName handler) {
        String kind = handler.kind().name().toLowerCase(Locale.ROOT);
        String name = handler.name().equals(kind) ? "" : " " + handler.name();
        return observation
                .contextualName(kind + " " + handler.channel() + name)
                .lowCardinalityKeyValue("channel", handler.channel())
                .lowCardinalityKeyValue("name", handler.name());
    }

    private Observation received(String name, Kind kind) {
        return Observation.createNotStarted(
                PREFIX + name,
                () -> {
                    ReceiverContext<Map<String, String>> context = new ReceiverContext<>(Map::get, kind);
                    context.setCarrier(headers());
                    return context;
                },
                registry);
    }

    /** The headers of the trace that the thread has. */
    private static Map<String, String> headers() {
        return Correlation.trace()
                .map(trace -> trace.state().isEmpty()
                        ? Map.of("traceparent", trace.parent())
                        : Map.of("traceparent", trace.parent(), "tracestate", trace.state()))
                .orElse(Map.of());
    }

    private Outgoing observed(Outgoing message) {
        if (message.kind() != Outgoing.Kind.BROADCAST) {
            return message;
        }
        // A hook may send it on another thread.
        Observation parent = registry.getCurrentObservation();
        return message.by(() -> {
            Observation broadcast = broadcast(message, parent);
            broadcast.observe(() -> {
                try (Correlation.Scope _ =
                        SpanTrace.of(broadcast).map(Correlation::traced).orElse(null)) {
                    message.run();
                }
            });
        });
    }

    private Observation broadcast(Outgoing message, @Nullable Observation parent) {
        String event = message.event().orElse("");
        Observation broadcast = Observation.createNotStarted(
                        PREFIX + "broadcast",
                        () -> {
                            // The scope carries the trace, and not the message.
                            SenderContext<String> context =
                                    new SenderContext<>((carrier, key, value) -> {}, Kind.PRODUCER);
                            context.setCarrier("");
                            return context;
                        },
                        registry)
                .contextualName("broadcast " + event)
                .lowCardinalityKeyValue("event", event)
                .highCardinalityKeyValue(
                        "topic",
                        message.topics().size() == 1
                                ? message.topics().getFirst()
                                : message.topics().size() + " topics");
        return parent == null ? broadcast : broadcast.parentObservation(parent);
    }

    /** Runs a handler in the scope of an observation, whose span is the trace of all that it sends. */
    private static <T> T within(Observation observation, Callable<T> handler) throws Exception {
        observation.start();
        try (Observation.Scope _ = observation.openScope();
                Correlation.Scope _ =
                        SpanTrace.of(observation).map(Correlation::traced).orElse(null)) {
            return handler.call();
        } catch (Throwable e) {
            observation.error(e);
            throw e;
        } finally {
            observation.stop();
        }
    }
}
