package io.heliodor.client;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Call;
import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** A server for tests, and the declarations that it shares with its clients. */
final class Desk implements AutoCloseable {
    record Enter(String name) {}

    record Note(int number) {}

    record State(int number, String name) {}

    record Add(int a, int b) {}

    record Sum(int value) {}

    record TooLarge(int limit) {}

    record Pay(String key, int cents) {}

    record Online(String device) {}

    record Wrapped(Raw raw) {}

    sealed interface Shape {}

    record Circle(double radius) implements Shape {}

    record Square(int side) implements Shape {}

    static final Event<Note> NOTE = Event.of("note", Note.class);
    static final Event<Note> PLAIN = Event.of("plain", Note.class);
    static final Event<ByteBuffer> UPLOAD = Event.of("upload", ByteBuffer.class);
    static final Event<Shape> DRAW = Event.of("draw", Shape.class);
    static final Event<Wrapped> WRAPPED = Event.of("wrapped", Wrapped.class);
    static final Event<Note> TO_USER = Event.of("to_user", Note.class);
    static final Call<Add, Sum, TooLarge> ADD =
            Call.of("add", Add.class, Sum.class).failingWith(TooLarge.class);
    static final Call<Add, Sum, Reason> UNHANDLED = Call.of("unhandled", Add.class, Sum.class);
    static final Call<Add, Note, Reason> HANG = Call.of("hang", Add.class, Note.class);
    static final Call<Pay, Sum, Reason> PAY =
            Call.of("pay", Pay.class, Sum.class).once(Pay::key);

    final PubSub pubsub = PubSub.local();
    final Presence<Online> presence = Presence.builder(pubsub, Online.class).build();
    final AtomicReference<String> accepted = new AtomicReference<>("good");
    final List<String> tokens = new CopyOnWriteArrayList<>();
    final AtomicInteger state = new AtomicInteger();
    final Map<String, Integer> payments = new ConcurrentHashMap<>();
    final CountDownLatch release = new CountDownLatch(1);
    final Endpoint endpoint;

    Desk() {
        Channel<Object, String> ticket = Channel.join(
                        Enter.class,
                        (enter, join) -> enter.name().equals("nobody")
                                ? Join.refuse("stranger")
                                : Join.ok(enter.name(), new State(state.get(), enter.name())))
                .on(NOTE, (note, room) -> room.broadcast(NOTE, note))
                .on(PLAIN, (note, room) -> room.broadcast(PLAIN, note))
                .on(UPLOAD, (bytes, room) -> room.broadcast(UPLOAD, bytes))
                .on(DRAW, (shape, room) -> room.broadcast(DRAW, shape))
                .on(WRAPPED, (wrapped, room) -> room.broadcast(WRAPPED, wrapped))
                .answer(
                        ADD,
                        (add, room) ->
                                add.a() > 1000 ? Reply.error(new TooLarge(1000)) : Reply.ok(new Sum(add.a() + add.b())))
                .answer(HANG, (add, room) -> {
                    release.await();
                    return Reply.ok(new Note(1));
                })
                .answer(PAY, (pay, room) -> {
                    release.await();
                    payments.merge(pay.key(), 1, Integer::sum);
                    return Reply.ok(new Sum(pay.cents()));
                })
                .history(History.of(10_000, Duration.ofMinutes(5), NOTE))
                .onJoined(room -> presence.track(room, room.assigns(), new Online("test")))
                .build();
        UserSocket<Object> socket = UserSocket.<Object>connect(
                        connect -> accept(connect.authToken().orElse("none")))
                .onRefresh((token, open) -> accept(token))
                .channel("ticket:*", ticket)
                .build();
        endpoint = Endpoint.builder()
                .host("127.0.0.1")
                .port(0)
                .pubsub(pubsub)
                .socket("/socket", socket)
                .build()
                .start();
    }

    private ConnectOutcome<Object> accept(String token) {
        tokens.add(token);
        return token.equals(accepted.get()) ? Connect.ok(token, "users:1") : Connect.refuse(401);
    }

    URI uri() {
        return URI.create("ws://127.0.0.1:" + endpoint.port() + "/socket");
    }

    Client.Builder client() {
        return Client.to(uri()).token(accepted::get);
    }

    /** Ends the connections of all clients, which connect again. */
    void disconnect() {
        endpoint.channels().disconnect("users:1");
    }

    void note(String topic, int number) {
        state.set(number);
        endpoint.channels().broadcast(topic, NOTE, new Note(number));
    }

    @Override
    public void close() {
        release.countDown();
        endpoint.close();
        presence.close();
        pubsub.close();
    }
}
