package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.InfoMessage;
import io.heliodor.channel.Join;
import io.heliodor.channel.Outcome;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import io.heliodor.fixtures.RecordedLog;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** The thread that carries a handler: its event loop, or one of the pool. A handler is promoted after one short run in these tests. */
class LoopHandlersTests extends LiveTest {
    private static final Call<Raw, Raw, Reason> WHERE = Call.of("where", Raw.class, Raw.class);
    private static final Call<Empty, Empty, Reason> SLEEP = Call.of("sleep", Empty.class, Empty.class);
    private static final Call<Empty, Empty, Reason> INFORM = Call.of("inform", Empty.class, Empty.class);
    private static final Event<Raw> NUMBER = Event.of("number", Raw.class);
    private static final InfoMessage<String> NOTE = InfoMessage.of("note", String.class);

    private static final Duration SPINNING = Duration.ofMillis(5);

    private final LinkedBlockingQueue<String> carriers = new LinkedBlockingQueue<>();

    private static final Method CARRIER = carrier();

    private static Method carrier() {
        try {
            Method method = Thread.class.getDeclaredMethod("currentCarrierThread");
            method.setAccessible(true);
            return method;
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the method of JDK 25", e);
        }
    }

    private static boolean isOnLoop() {
        try {
            return ((Thread) CARRIER.invoke(null)).getName().startsWith("heliodor-loop");
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the method of JDK 25", e);
        }
    }

    private void note(String handler) {
        assertThat(Thread.currentThread().isVirtual()).isTrue();
        carriers.add(handler + (isOnLoop() ? " on the loop" : " in the pool"));
    }

    private Channel.Builder<Object, String> room() {
        return Channel.<String>join(join -> {
                    note("join");
                    return Join.ok("");
                })
                .answer(WHERE, (payload, room) -> {
                    note("where");
                    return Reply.ok(payload);
                })
                .answer(SLEEP, (payload, room) -> {
                    note("before");
                    Thread.sleep(1);
                    note("after");
                    return Reply.ok(payload);
                })
                .answer(INFORM, (payload, room) -> {
                    room.send(NOTE, "");
                    return Reply.ok(payload);
                })
                .on(NUMBER, LoopHandlersTests::number)
                .onInfo(NOTE, (note, room) -> {
                    note("info");
                    return room.push(NUMBER, Raw.of("{\"i\":-1}"));
                })
                .onLeave((why, room) -> note("leave"));
    }

    private static String text(Raw payload) {
        return new String(payload.json(), StandardCharsets.UTF_8);
    }

    /** Blocks for some numbers. */
    private static Outcome<Void, ?> number(Raw payload, Context<?, String> room) throws Exception {
        if (text(payload).contains("0")) {
            Thread.sleep(1);
        }
        return room.push(NUMBER, payload);
    }

    private RawClient client(Channel<Object, String> channel) {
        Live live = start(builder -> builder.socket(
                "/loops", UserSocket.open().channel("room:*", channel).build()));
        withHealthyClient(live);
        RawClient client = connect(live)
                .send(RawClient.upgradeRequest("").replace("/socket/", "/loops/"))
                .upgraded()
                .joins("room:a");
        assertThat(next()).isEqualTo("join in the pool");
        return client;
    }

    private String next() {
        try {
            return String.valueOf(carriers.poll(20, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void calls(RawClient client, String call, String payload) {
        client.sends("[\"1\",\"2\",\"room:a\",\"" + call + "\"," + payload + "]")
                .receives("[\"1\",\"2\",\"room:a\",\"phx_reply\",{\"status\":\"ok\",\"response\":" + payload + "}]");
    }

    /** Calls until the handler runs on the loop: on a busy machine a short run may take long. */
    private void promote(RawClient client, String call, String handler) {
        do {
            calls(client, call, "{}");
        } while (!next().equals(handler + " on the loop"));
    }

    @Test
    void aShortHandlerIsPromotedAndALargeMessageGoesToThePool() {
        RawClient client = client(room().build());
        calls(client, "where", "{}");
        assertThat(next()).isEqualTo("where in the pool");
        promote(client, "where", "where");
        calls(client, "where", "{\"text\":\"" + "x".repeat(10_000) + "\"}");
        assertThat(next()).isEqualTo("where in the pool");
    }

    @Test
    void aHandlerThatBlocksGoesOnInThePool() {
        RawClient client = client(room().build());
        // It is never short: the wait counts in the pool.
        calls(client, "sleep", "{}");
        assertThat(next()).isEqualTo("before in the pool");
        assertThat(next()).isEqualTo("after in the pool");
    }

    @Test
    void aHandlerThatHoldsTheLoopGoesBackAndIsLogged() {
        Channel<Object, String> spins = Channel.<String>join(join -> {
                    note("join");
                    return Join.ok("");
                })
                .answer(WHERE, (payload, room) -> {
                    note("where");
                    if (text(payload).contains("spin")) {
                        spin();
                    }
                    return Reply.ok(payload);
                })
                .build();
        RawClient client = client(spins);
        // A busy machine may send the handler back too early, and excuse the first long stays.
        String place;
        do {
            promote(client, "where", "where");
            calls(client, "where", "{\"spin\":1}");
            String _ = next();
            calls(client, "where", "{}");
            place = next();
        } while (warnings().isEmpty() || !place.equals("where in the pool"));
        assertThat(warnings().getFirst().text()).contains("LoopHandlersTests.spin");
    }

    /** Holds the loop until that is logged. */
    private static void spin() {
        long begin = System.nanoTime();
        while ((isOnLoop() && warnings().isEmpty()) || System.nanoTime() - begin < SPINNING.toNanos()) {
            Thread.onSpinWait();
        }
    }

    private static List<RecordedLog.Line> warnings() {
        return RecordedLog.lines(
                Level.WARN, "the handler of 'where' of room:a has held an event loop for 20 ms or longer");
    }

    @Test
    void messagesKeepTheirOrderWhereverTheyAreHandled() {
        RawClient client = client(room().build());
        for (int i = 0; i < 300; i++) {
            client.sends("[\"1\",null,\"room:a\",\"number\",{\"i\":" + i + "}]");
        }
        for (int i = 0; i < 300; i++) {
            client.receives("[\"1\",null,\"room:a\",\"number\",{\"i\":" + i + "}]");
        }
    }

    @Test
    void infoMessagesAndLeaveHooksRunInThePool() {
        RawClient client = client(room().build());
        for (int i = 0; i < 3; i++) {
            client.sends("[\"1\",\"2\",\"room:a\",\"inform\",{}]")
                    .receives("[\"1\",\"2\",\"room:a\",\"phx_reply\",{\"status\":\"ok\",\"response\":{}}]")
                    .receives("[\"1\",null,\"room:a\",\"number\",{\"i\":-1}]");
            assertThat(next()).isEqualTo("info in the pool");
        }
        promote(client, "where", "where");
        client.sends("[\"1\",\"2\",\"room:a\",\"where\",{}]");
        client.sends("[\"1\",\"3\",\"room:a\",\"phx_leave\",{}]");
        assertThat(next()).startsWith("where ");
        assertThat(next()).isEqualTo("leave in the pool");
    }

    @Test
    void handlersOfAChannelWithATimeoutRunInThePool() {
        RawClient client = client(room().handlerTimeout(Duration.ofSeconds(30)).build());
        for (int i = 0; i < 3; i++) {
            calls(client, "where", "{}");
            assertThat(next()).isEqualTo("where in the pool");
        }
    }
}
