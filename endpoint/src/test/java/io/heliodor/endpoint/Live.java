package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliodor.channel.Call;
import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.Context;
import io.heliodor.channel.Empty;
import io.heliodor.channel.Event;
import io.heliodor.channel.Join;
import io.heliodor.channel.Outcome;
import io.heliodor.channel.Raw;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.group.Group;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.function.UnaryOperator;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Assumptions;

/** A running endpoint for a test, with rooms that do what the tests need. */
final class Live implements AutoCloseable {
    private static final Event<Raw> SHOUT = Event.raw("shout");
    private static final Event<Text> TOLD = Event.of("told", Text.class);
    private static final Call<Raw, Raw> ECHO = Call.of("echo", Raw.class, Raw.class);
    private static final Event<Empty> CRASH = Event.empty("crash");
    private static final Call<Empty, Empty> WAIT = Call.of("wait", Empty.class, Empty.class);

    /** What the handler of {@code wait} needs one permit of for each call. */
    final Semaphore gate = new Semaphore(0);

    final Endpoint endpoint;

    private Live(Transport transport, UnaryOperator<Endpoint.Builder> change) {
        Endpoint.Builder builder = Endpoint.builder()
                .host("127.0.0.1")
                .port(0)
                .transport(transport)
                .socket(
                        "/socket",
                        UserSocket.connect(Live::connect)
                                .channel("room:*", room())
                                .build());
        try {
            endpoint = change.apply(builder).start();
        } catch (UnsupportedOperationException e) {
            throw Assumptions.<RuntimeException>abort(e.getMessage());
        }
    }

    /** Starts one; aborts the test where the machine does not offer the transport. */
    static Live start(Transport transport) {
        return start(transport, builder -> builder);
    }

    static Live start(Transport transport, UnaryOperator<Endpoint.Builder> change) {
        return new Live(transport, change);
    }

    @SuppressWarnings("NullOptional") // what a user without a null checker may do
    private static ConnectOutcome<Object> connect(Connect connect) {
        if (connect.param("token").filter("deny"::equals).isPresent()) {
            return Connect.refuse();
        }
        return switch (connect.param("outcome").orElse("")) {
            case "busy" -> Connect.refuse(429);
            case "broken" -> new ConnectOutcome.Accepted<>(Empty.EMPTY, null);
            case "crash" -> throw new IllegalStateException("the connect handler was asked to crash");
            default ->
                connect.param("user_id")
                        .<ConnectOutcome<Object>>map(user -> Connect.ok(Empty.EMPTY, "users:" + user))
                        .orElseGet(() -> Connect.ok(Empty.EMPTY));
        };
    }

    private Channel<Object, String> room() {
        return Channel.join((Join<Object> join) -> Join.ok(join.subtopic()))
                .on(SHOUT, (payload, room) -> room.broadcast(SHOUT, payload))
                .on(ECHO, (payload, room) -> Reply.ok(payload))
                .on(CRASH, (nothing, room) -> {
                    throw new IllegalStateException("asked to crash");
                })
                .on(WAIT, this::pass)
                .build();
    }

    private Outcome<Empty> pass(Empty nothing, Context<String> room) throws InterruptedException {
        gate.acquire();
        return Reply.ok();
    }

    record Text(String text) {}

    /** Broadcasts a text from outside of every channel. */
    void tells(String topic, String text) {
        endpoint.broadcast(topic, TOLD, new Text(text));
    }

    /** Broadcasts a text to a group. */
    void tells(Group group, String text) {
        group.broadcast(TOLD, new Text(text));
    }

    /** The frame that members get of it. */
    static String told(String topic, String text) {
        return "[null,null,\"" + topic + "\",\"told\",{\"text\":\"" + text + "\"}]";
    }

    long count(String name) {
        Long count = endpoint.counts().get(name);
        assertThat(count).as("the counter %s", name).isNotNull();
        return count;
    }

    /** Asks again every few milliseconds, and fails with the last state when the deadline is over. */
    static ConditionFactory eventually() {
        return await().atMost(Duration.ofMillis(RawClient.DEADLINE_MILLIS))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5));
    }

    /** Waits until a counter has a value. */
    void awaitCount(String name, long expected) {
        eventually().untilAsserted(() -> assertThat(count(name)).as(name).isEqualTo(expected));
    }

    @Override
    public void close() {
        gate.release(1_000_000);
        endpoint.close();
    }
}
