package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Connect;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Call;
import io.heliodor.examples.Desk.Cursor;
import io.heliodor.examples.Keeping.Message;
import io.heliodor.examples.Lobby.Online;
import io.heliodor.examples.RoomChannel.Enter;
import io.heliodor.examples.RoomChannel.Mute;
import io.heliodor.examples.RoomChannel.User;
import io.heliodor.examples.RoomEvents.NewMessage;
import io.heliodor.examples.RoomEvents.Said;
import io.heliodor.examples.RoomEvents.Saved;
import io.heliodor.examples.RoomEvents.Typing;
import io.heliodor.limit.Limits;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.Refusal;
import io.heliodor.testkit.TestChannel;
import io.heliodor.testkit.TestClient;
import io.heliodor.testkit.TestClock;
import io.heliodor.token.Secret;
import io.heliodor.token.Tokens;
import io.heliodor.type.Type;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The tests of the guide: the typed room, without a network. */
class RoomTests {
    private static final RoomChannel.Store STORE = new RoomChannel.Store() {
        @Override
        public boolean opens(String room, String password) {
            return password.equals("sesame");
        }

        @Override
        public long save(String room, Said said) {
            return 7;
        }
    };

    // @start region=kit
    private static final Enter SESAME = new Enter("sesame");

    private final UserSocket<User> socket = UserSocket.connect(connect -> {
                String name = connect.param("name").orElse("anon");
                return name.equals("mallory") ? Connect.refuse() : Connect.ok(new User(name, name), "users:" + name);
            })
            .channel("room:*", new RoomChannel(STORE).channel())
            .build();

    @AutoClose
    private final ChannelKit kit = ChannelKit.start(socket);

    private TestChannel join(String name) {
        return kit.connect(Map.of("name", name)).join("room:lobby", SESAME);
    }
    // @end

    // @start region=messages
    @Test
    void aMessageIsAnsweredAndReachesTheOthers() {
        TestChannel ana = join("ana");
        TestChannel ben = join("ben");
        assertThat(ana.call(RoomEvents.SAY, new NewMessage("hi"))).isEqualTo(new Saved(7));
        assertThat(ben.expect(RoomEvents.SAID)).isEqualTo(new Said("ana", "hi"));
    }

    @Test
    void typingIsNotSentToItsSender() {
        TestChannel ana = join("ana");
        TestChannel ben = join("ben");
        ana.push(RoomEvents.TYPING, new Typing(true));
        ana.expectNothing(RoomEvents.TYPING);
        assertThat(ben.expect(RoomEvents.TYPING)).isEqualTo(new Typing(true));
    }
    // @end

    // @start region=refused
    @Test
    void aWrongPasswordIsRefused() {
        TestClient ana = kit.connect();
        assertThat(ana.joinRefused("room:lobby", new Enter("please"))).isEqualTo(new Refusal.Plain("unauthorized"));
        assertThat(kit.connectRefused(Map.of("name", "mallory"))).isEqualTo(403);
    }

    @Test
    void aMessageThatIsTooLongIsRefused() {
        var untyped = Call.of("new_msg", new Type<Map<String, String>>() {}, Type.of(Saved.class));
        assertThat(join("ana").callRefused(untyped, Map.of("body", "a".repeat(2_001))))
                .isEqualTo(new Refusal.InvalidPayload("body", "must be at most 2000 characters"));
    }
    // @end

    // @start region=handled
    @Test
    void eachEventOfAClientHasAHandler() {
        ChannelKit.expectHandled(
                new RoomChannel(STORE).channel(),
                RoomEvents.class,
                RoomEvents.SAID,
                RoomEvents.NOTICE,
                RoomEvents.BACKLOG);
    }
    // @end

    // @start region=settle
    @Test
    void aMutedUserGetsANoticeAndIsRefused() {
        TestChannel ben = join("ben");
        kit.settle(); // the join reply comes before onJoined, which subscribes
        kit.pubsub().broadcast(RoomChannel.MUTES, new Mute("ben", "ana"));
        assertThat(ben.expect(RoomEvents.NOTICE).text()).isEqualTo("muted by ana");
        assertThat(ben.callRefused(RoomEvents.SAY, new NewMessage("hi")).reason())
                .isEqualTo("muted");
    }
    // @end

    // @start region=presence
    @Test
    void aUserThatLosesTheConnectionIsNotPresentAnyMore() {
        try (PubSub pubsub = PubSub.local();
                Presence<Online> presence = Lobby.over(pubsub);
                ChannelKit lobby = ChannelKit.builder(UserSocket.connect(connect -> Connect.ok(
                                        new Lobby.User(connect.param("user").orElse("guest"))))
                                .channel("lobby:*", Lobby.lobby(presence))
                                .build())
                        .pubsub(pubsub)
                        .presence(presence)
                        .start()) {
            TestChannel ann = lobby.connect(Map.of("user", "ann")).join("lobby:1");
            TestChannel bo = lobby.connect(Map.of("user", "bo")).join("lobby:1");
            assertThat(ann.presence(Online.class)).containsOnlyKeys("ann", "bo");
            bo.call(Lobby.AWAY);
            assertThat(ann.presence(Online.class).get("bo")).containsExactly(new Online("web", true));
            bo.client().drop();
            assertThat(ann.presence(Online.class)).isEqualTo(Map.of("ann", List.of(new Online("web", false))));
        }
    }
    // @end

    @Test
    void aClientThatJoinsAgainGetsTheKeptMessages() {
        UserSocket<Object> keeping =
                UserSocket.open().channel("room:*", Keeping.channel()).build();
        try (ChannelKit kit = ChannelKit.start(keeping)) {
            TestChannel other = kit.connect().join("room:1");
            // @start region=history
            TestClient client = kit.connect();
            TestChannel ann = client.join("room:1");
            client.drop();
            kit.channels().broadcast("room:1", Keeping.MESSAGE, new Message("bo", "hi"));

            TestChannel back = kit.connect().rejoin(ann);
            assertThat(back.recovered()).isTrue();
            assertThat(back.expect(Keeping.MESSAGE)).isEqualTo(new Message("bo", "hi"));
            // @end
            assertThat(other.expect(Keeping.MESSAGE)).isEqualTo(new Message("bo", "hi"));
        }
    }

    @Test
    void aClientThatIsSilentForTooLongIsClosed() {
        // @start region=clock
        try (ChannelKit kit = ChannelKit.builder(socket)
                .limits(Limits.openInternet().sessions(s -> s.idleTimeout(Duration.ofSeconds(90))))
                .start()) {
            TestClient ana = kit.connect();
            ana.hang(); // sends no heartbeats any more
            kit.advance(Duration.ofMinutes(2));
            assertThat(ana.expectClose()).isEqualTo(1001);
        }
        // @end
    }

    @Test
    void aTokenExpires() {
        // @start region=time
        TestClock clock = TestClock.create();
        Tokens<User> tokens = Tokens.of(User.class, "user socket")
                .secrets(Secret.of("a secret of 32 characters at least"))
                .clock(clock)
                .build();
        try (ChannelKit kit = ChannelKit.builder(Connecting.socket(tokens, new RoomChannel(STORE)))
                .clock(clock)
                .start()) {
            String token = tokens.sign(new User("7", "ana"));
            TestClient ana = kit.request().authToken(token).connect();
            kit.advance(Duration.ofHours(25));
            assertThat(ana.expectClose()).isEqualTo(1008);
            assertThat(kit.request().authToken(token).refused().status()).isEqualTo(403);
        }
        // @end
    }

    @Test
    void aClientThatDoesNotReadGetsTheLatestPlaceOfACursor() {
        UserSocket<Object> desks =
                UserSocket.open().channel("desk:*", Desk.channel()).build();
        try (ChannelKit kit = ChannelKit.start(desks)) {
            // @start region=slow
            TestChannel ana = kit.connect().join("desk:1");
            TestChannel ben = kit.connect().join("desk:1");
            ben.client().stopReading();
            ana.push(Desk.CURSOR, new Cursor("ana", 1, 1));
            kit.advance(Duration.ofMillis(250)); // something waits for so long: ben lags
            ana.push(Desk.CURSOR, new Cursor("ana", 2, 2));
            ana.push(Desk.TYPING, new Desk.Typing("ana"));
            kit.settle();

            ben.client().resumeReading();
            assertThat(ben.expectNext(Desk.CURSOR)).isEqualTo(new Cursor("ana", 2, 2));
            ben.expectNothing();

            ben.client().stopReading();
            ana.push(Desk.CURSOR, new Cursor("ana", 3, 3));
            kit.advance(Duration.ofSeconds(12)); // SessionLimits.stallTimeout is 10 s
            assertThat(ben.client().expectClose()).isEqualTo(4408);
            // @end
        }
    }

    // @start region=wire
    @Test
    void aJoinOnTheWire() throws InterruptedException {
        BlockingQueue<String> frames = new LinkedBlockingQueue<>();
        try (Endpoint server = Endpoint.onLoopback(socket);
                HttpClient http = HttpClient.newHttpClient()) {
            WebSocket ana = http.newWebSocketBuilder()
                    .buildAsync(server.webSocketUri("/socket"), new WebSocket.Listener() {
                        @Override
                        public CompletionStage<?> onText(WebSocket from, CharSequence frame, boolean last) {
                            frames.add(frame.toString());
                            return WebSocket.Listener.super.onText(from, frame, last);
                        }
                    })
                    .join();
            ana.sendText("[\"1\",\"1\",\"room:lobby\",\"phx_join\",{\"password\":\"please\"}]", true)
                    .join();
            assertThat(frames.take())
                    .isEqualTo("[\"1\",\"1\",\"room:lobby\",\"phx_reply\","
                            + "{\"status\":\"error\",\"response\":{\"reason\":\"unauthorized\"}}]");
            ana.abort();
        }
    }
    // @end
}
