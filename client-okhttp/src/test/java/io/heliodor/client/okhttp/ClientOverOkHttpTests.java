package io.heliodor.client.okhttp;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.client.CallResult;
import io.heliodor.client.Client;
import io.heliodor.client.ClientChannel;
import io.heliodor.client.status.ChannelStatus;
import io.heliodor.client.status.ConnectionStatus;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Call;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A client over OkHttp and a real server. */
class ClientOverOkHttpTests {
    record Note(int number, String text) {}

    private static final Event<Note> NOTE = Event.of("note", Note.class);
    private static final Event<ByteBuffer> BYTES = Event.of("bytes", ByteBuffer.class);
    private static final Call<Note, Note, Reason> ECHO = Call.of("echo", Note.class, Note.class);

    private final OkHttpClient http = new OkHttpClient();
    private final Endpoint endpoint = Endpoint.builder()
            .host("127.0.0.1")
            .port(0)
            .socket(
                    "/socket",
                    UserSocket.connect(connect -> connect.authToken().orElse("").equals("good")
                                    ? Connect.ok("ann", "users:ann")
                                    : Connect.refuse(403))
                            .channel(
                                    "room:*",
                                    Channel.join(join -> Join.ok(join.topic()))
                                            .on(NOTE, (note, room) -> room.broadcast(NOTE, note))
                                            .on(BYTES, (bytes, room) -> room.broadcast(BYTES, bytes))
                                            .answer(ECHO, (note, room) -> Reply.ok(note))
                                            .history(History.of(10_000, Duration.ofMinutes(5), NOTE))
                                            .build())
                            .build())
            .build()
            .start();

    @AfterEach
    void close() {
        endpoint.close();
        http.dispatcher().executorService().shutdown();
        http.connectionPool().evictAll();
    }

    private Client.Builder client(String token) {
        return Client.to(URI.create("ws://127.0.0.1:" + endpoint.port() + "/socket"))
                .token(() -> token)
                .reconnectDelays(Duration.ofMillis(1), Duration.ofMillis(50))
                .sockets(() -> new OkHttpSocket(http));
    }

    @Test
    void textAndBytesGoBothWays() {
        List<Object> received = new CopyOnWriteArrayList<>();
        try (Client client = client("good").build()) {
            ClientChannel room = client.channel("room:1");
            room.on(BYTES, bytes -> received.add(bytes.remaining()));
            room.join();
            Note note = new Note(1, "é😀");
            assertThat(room.call(ECHO, note)).isEqualTo(new CallResult.Ok<>(note));
            room.push(BYTES, ByteBuffer.allocate(100_000));
            await().atMost(30, SECONDS).untilAsserted(() -> assertThat(received).containsExactly(100_000));
        }
    }

    @Test
    void closeGivesTheConnectionAndItsThreadBack() {
        try (Client client = client("good").build()) {
            Note note = new Note(1, "a");
            assertThat(client.channel("room:1").join().call(ECHO, note)).isEqualTo(new CallResult.Ok<>(note));
            assertThat(http.dispatcher().runningCallsCount()).isEqualTo(1);
        }

        await().atMost(30, SECONDS).untilAsserted(() -> {
            assertThat(http.dispatcher().runningCallsCount()).isZero();
            assertThat(http.connectionPool().connectionCount()).isZero();
            assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .noneMatch(name -> name.startsWith("heliodor-client") || name.startsWith("OkHttp http"));
        });
    }

    @Test
    void aRefusedConnectionIsFinal() {
        try (Client client = client("bad").build()) {
            client.connect();
            await().atMost(30, SECONDS)
                    .until(() ->
                            client.status() instanceof ConnectionStatus.Refused refused && refused.status() == 403);
        }
    }

    /** While the callback is held, messages wait in the network; then all come, once and in order. */
    @Test
    void aSlowClientLosesNothingOverReconnects() throws InterruptedException {
        String text = "x".repeat(1_000);
        CountDownLatch held = new CountDownLatch(1);
        List<Integer> received = new CopyOnWriteArrayList<>();
        try (Client client = client("good").maxWaitingCallbacks(5).build()) {
            ClientChannel room = client.channel("room:1");
            room.on(NOTE, note -> {
                try {
                    held.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                received.add(note.number());
            });
            room.join();
            await().atMost(30, SECONDS).until(room::status, new ChannelStatus.Joined()::equals);
            for (int number = 0; number < 2_000; number++) {
                endpoint.channels().broadcast("room:1", NOTE, new Note(number, text));
                if (number == 1_000) {
                    assertThat(client.counters().framesReceived())
                            .as("reading has stopped")
                            .isLessThan(20);
                    held.countDown();
                }
                if (number % 500 == 499) {
                    endpoint.channels().disconnect("users:ann");
                }
            }
            await().atMost(60, SECONDS)
                    .untilAsserted(() -> assertThat(received)
                            .containsExactlyElementsOf(
                                    IntStream.range(0, 2_000).boxed().toList()));
            assertThat(client.counters().pauses()).isPositive();
        }
    }
}
