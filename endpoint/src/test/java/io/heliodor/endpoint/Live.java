package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.Context;
import io.heliodor.channel.Join;
import io.heliodor.channel.JoinOutcome;
import io.heliodor.channel.Outcome;
import io.heliodor.channel.Reply;
import io.heliodor.channel.SlowPolicy;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import io.heliodor.group.Group;
import io.heliodor.limit.Rate;
import io.heliodor.observe.Metrics;
import io.heliodor.session.telemetry.Counter;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.function.UnaryOperator;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Assumptions;

/** A running endpoint for a test, with the channels that the tests need. */
public final class Live implements AutoCloseable {
    private static final Event<Raw> SHOUT = Event.of("shout", Raw.class);
    private static final Event<Text> TOLD = Event.of("told", Text.class);
    private static final Call<Raw, Raw, Reason> ECHO = Call.of("echo", Raw.class, Raw.class);
    private static final Event<Empty> CRASH = Event.of("crash", Empty.class);
    private static final Event<Cursor> CURSOR = Event.of("cursor", Cursor.class);
    private static final Event<Empty> TYPING = Event.of("typing", Empty.class);
    private static final Event<Empty> OVERFLOW = Event.of("overflow", Empty.class);
    private static final Call<Empty, Empty, Reason> WAIT = Call.of("wait", Empty.class, Empty.class);

    /** The handler of {@code wait} takes one permit for each call. */
    public final Semaphore gate = new Semaphore(0);

    public final Endpoint endpoint;

    private Live(Transport transport, UnaryOperator<Endpoint.Builder> change) {
        Endpoint.Builder builder = Endpoint.builder()
                .host("127.0.0.1")
                .port(0)
                .transport(transport)
                .socket(
                        "/socket",
                        UserSocket.connect(Live::connect)
                                .channel("room:*", room())
                                .channel("limited:*", limited())
                                .channel("desk:*", desk())
                                .channel("locked:*", Channel.join(Live::refuse).build())
                                .build());
        try {
            endpoint = change.apply(builder).build().start();
        } catch (UnsupportedOperationException e) {
            throw Assumptions.<RuntimeException>abort(e.getMessage());
        }
    }

    /** Starts an endpoint; aborts the test if the machine does not have the transport. */
    public static Live start(Transport transport) {
        return start(transport, builder -> builder);
    }

    public static Live start(Transport transport, UnaryOperator<Endpoint.Builder> change) {
        return new Live(transport, change);
    }

    @SuppressWarnings("NullOptional") // users without a null checker may do this
    private static ConnectOutcome<Object> connect(Connect connect) {
        if (connect.param("token").filter("deny"::equals).isPresent()) {
            return Connect.refuse();
        }
        return switch (connect.param("outcome").orElse("")) {
            case "busy" -> Connect.refuse(429);
            case "broken" ->
                new ConnectOutcome.Accepted<>(Empty.EMPTY, null, Optional.empty(), Optional.empty(), Optional.empty());
            case "expired" -> Connect.<Object>ok(Empty.EMPTY).validFor(Duration.ofSeconds(-3));
            case "crash" -> throw new IllegalStateException("the connect handler was asked to crash");
            default ->
                connect.param("user_id")
                        .<ConnectOutcome<Object>>map(user -> Connect.ok(Empty.EMPTY, "users:" + user))
                        .orElseGet(() -> Connect.ok(Empty.EMPTY));
        };
    }

    private static JoinOutcome<Empty> refuse(Join<Object> join) {
        return Join.refuse("locked");
    }

    private Channel<Object, String> room() {
        return Channel.join(join -> Join.ok(join.subtopic()))
                .on(SHOUT, (payload, room) -> room.broadcast(SHOUT, payload))
                .answer(ECHO, (payload, room) -> Reply.ok(payload))
                .on(CRASH, (nothing, room) -> {
                    throw new IllegalStateException("asked to crash");
                })
                .on(OVERFLOW, (nothing, room) -> {
                    throw new IllegalStateException("the stack has room for " + descend(0));
                })
                .answer(WAIT, this::pass)
                .build();
    }

    private static Channel<Object, String> limited() {
        return Channel.join(join -> Join.ok(join.subtopic()))
                .answer(ECHO, (payload, room) -> Reply.ok(payload))
                .messageRate(Rate.perSecond(10).burst(10))
                .build();
    }

    private static Channel<Object, String> desk() {
        return Channel.join(join -> Join.ok(join.subtopic()))
                .whenSlow(CURSOR, SlowPolicy.latest(Cursor::user))
                .whenSlow(TYPING, SlowPolicy.drop())
                .build();
    }

    @SuppressWarnings("InfiniteRecursion") // until the stack overflows
    private static int descend(int depth) {
        return descend(depth + 1) + 1;
    }

    private Outcome<Empty, Reason> pass(Empty nothing, Context<?, String> room) throws InterruptedException {
        gate.acquire();
        return Reply.ok();
    }

    public record Text(String text) {}

    record Cursor(String user, int x) {}

    /** Broadcasts the position of a user's cursor. */
    void points(String topic, String user, int x) {
        endpoint.channels().broadcast(topic, CURSOR, new Cursor(user, x));
    }

    /** The frame that members get of it. */
    static String pointed(String topic, String user, int x) {
        return "[null,null,\"" + topic + "\",\"cursor\",{\"user\":\"" + user + "\",\"x\":" + x + "}]";
    }

    /** Broadcasts that a user types. */
    void types(String topic) {
        endpoint.channels().broadcast(topic, TYPING, Empty.EMPTY);
    }

    /** The frame that members get of it. */
    static String typed(String topic) {
        return "[null,null,\"" + topic + "\",\"typing\",{}]";
    }

    /** Broadcasts a text from outside of every channel. */
    public void broadcasts(String topic, String text) {
        endpoint.channels().broadcast(topic, TOLD, new Text(text));
    }

    /** Broadcasts a text to a group. */
    public void broadcasts(Group group, String text) {
        group.broadcast(TOLD, new Text(text));
    }

    /** The frame that members get of it. */
    public static String told(String topic, String text) {
        return "[null,null,\"" + topic + "\",\"told\",{\"text\":\"" + text + "\"}]";
    }

    public long count(String name) {
        return read(Counter.valueOf(name.toUpperCase(Locale.ROOT)));
    }

    private long read(Counter count) {
        Metrics metrics = endpoint.metrics();
        return count.reason()
                .map(reason -> metrics.value(count.metric(), reason))
                .orElseGet(() -> metrics.value(count.metric()));
    }

    /** The counters by the names of their constants, in lower case. */
    public Map<String, Long> counters() {
        Map<String, Long> counters = new TreeMap<>();
        for (Counter count : Counter.values()) {
            counters.put(count.name().toLowerCase(Locale.ROOT), read(count));
        }
        return counters;
    }

    public long gauge(String name) {
        return endpoint.metrics().value(name);
    }

    /** Checks every few milliseconds, and fails with the last state after the deadline. */
    public static ConditionFactory eventually() {
        return await().atMost(Duration.ofMillis(RawClient.DEADLINE_MILLIS))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5));
    }

    /** Waits until a counter has a value. */
    public void awaitCount(String name, long expected) {
        eventually().untilAsserted(() -> assertThat(count(name)).as(name).isEqualTo(expected));
    }

    @Override
    public void close() {
        gate.release(1_000_000);
        endpoint.close();
    }
}
