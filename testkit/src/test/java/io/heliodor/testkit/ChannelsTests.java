package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Channels;
import io.heliodor.channel.Connect;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Socket;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.pubsub.PubSub;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Channels that are reached over a pub/sub, without their endpoint. */
class ChannelsTests {
    record Text(String text) {}

    private static final Event<Text> SAY = Event.of("say", Text.class);
    private static final Event<Text> FORWARD = Event.of("forward", Text.class);
    private static final Event<Empty> TICK = Event.of("tick", Empty.class);

    private final PubSub pubsub = PubSub.local();
    private final Channels channels = Channels.over(pubsub);

    @AfterEach
    void close() {
        pubsub.close();
    }

    private ChannelKit serve(String pattern, Channel.Builder<Object, Empty> channel) {
        return ChannelKit.builder(UserSocket.connect(connect -> Connect.ok(Empty.EMPTY, "user:42"))
                        .channel(pattern, channel.build())
                        .build())
                .pubsub(pubsub)
                .start();
    }

    private static Channel.Builder<Object, Empty> channel() {
        return Channel.join(join -> Join.ok(Empty.EMPTY));
    }

    @Test
    void anyTopicOfEachEndpointIsReached() {
        try (ChannelKit rooms = serve("room:*", channel());
                ChannelKit boards = serve("board:*", channel())) {
            TestChannel room = rooms.connect().join("room:1");
            TestChannel board = boards.connect().join("board:1");
            channels.broadcast("room:1", SAY, new Text("to the room"));
            channels.broadcast("board:1", TICK);
            channels.broadcast(List.of("room:1", "board:1", "room:1"), SAY, new Text("to both"));
            assertThat(room.expect(SAY)).isEqualTo(new Text("to the room"));
            assertThat(board.expect(TICK)).isEqualTo(Empty.EMPTY);
            assertThat(room.expect(SAY)).isEqualTo(new Text("to both"));
            assertThat(board.expect(SAY)).isEqualTo(new Text("to both"));
            room.expectNothing();
            assertThat(channels.serves("board:2")).isTrue();
            assertThat(channels.serves("desk:2")).isFalse();
        }
    }

    @Test
    void theEndpointWhoseChannelKeepsAnEventKeepsIt() {
        try (ChannelKit _ = serve("desk:*", channel());
                ChannelKit rooms = serve("room:*", channel().history(History.of(10, Duration.ofMinutes(1), SAY)))) {
            TestChannel room = rooms.connect().join("room:1");
            channels.broadcast("room:1", SAY, new Text("kept"));
            assertThat(room.expect(SAY)).isEqualTo(new Text("kept"));
            assertThat(channels.newest("room:1", 10).messages()).hasSize(1);
            String token = channels.newest("room:1", 10).token().orElseThrow();
            channels.broadcast("room:1", SAY, new Text("later"));
            assertThat(channels.since("room:1", token, 10).messages()).hasSize(1);
        }
    }

    @Test
    void aHandlerReachesOtherTopics() {
        try (ChannelKit kit = serve("room:*", channel().on(FORWARD, (text, room) -> {
            room.channels().broadcast("room:other", SAY, text);
            return NoReply.none();
        }))) {
            TestChannel other = kit.connect().join("room:other");
            kit.connect().join("room:1").push(FORWARD, new Text("hello"));
            assertThat(other.expect(SAY)).isEqualTo(new Text("hello"));
        }
    }

    @Test
    void connectionsOfAnIdAreClosed() {
        try (ChannelKit kit = serve("room:*", channel())) {
            TestClient client = kit.connect();
            client.join("room:1");
            channels.disconnect("user:42");
            assertThat(client.expectClose()).isEqualTo(1001);
        }
    }

    @Test
    void connectionsOfAnIdAreKickedAndRemovedFromTopics() {
        try (ChannelKit kit = serve("room:*", channel())) {
            TestClient client = kit.connect();
            TestChannel one = client.join("room:1");
            TestChannel two = client.join("room:2");
            channels.remove("user:42", "room:1");
            one.expectClose();
            channels.kick("user:42", SAY, new Text("last"));
            assertThat(client.expect(SAY)).isEqualTo(new Text("last"));
            assertThat(client.expectClose()).isEqualTo(4403);
            two.expectNothing();
        }
    }

    @Test
    void connectionsAndMembersOfAllEndpointsAreListed() {
        try (ChannelKit rooms = serve("room:*", channel());
                ChannelKit more = serve("room:*", channel())) {
            TestClient ann = rooms.request().remoteAddress("192.0.2.1").connect();
            TestClient ben = more.request().remoteAddress("192.0.2.2").connect();
            TestChannel joined = ann.join("room:1");
            ben.join("room:1");
            ben.join("room:2");
            List<String> both = List.of("192.0.2.1", "192.0.2.2");
            assertThat(channels.localConnections("user:42"))
                    .extracting(Socket::remoteAddress)
                    .containsExactlyInAnyOrderElementsOf(both);
            assertThat(channels.localMembers("room:1"))
                    .extracting(Socket::remoteAddress)
                    .containsExactlyInAnyOrderElementsOf(both);
            assertThat(channels.memberCount("room:1")).isEqualTo(2);
            assertThat(channels.memberCount("room:2")).isEqualTo(1);
            joined.leave();
            assertThat(channels.localMembers("room:1"))
                    .extracting(Socket::remoteAddress)
                    .containsExactly("192.0.2.2");
            assertThat(channels.memberCount("room:1")).isEqualTo(1);
            assertThat(channels.localConnections("user:42")).hasSize(2);
            assertThat(channels.localConnections("user:43")).isEmpty();
            assertThat(channels.localMembers("room:3")).isEmpty();
            assertThat(channels.memberCount("room:3")).isZero();
            channels.localConnections("user:42").forEach(socket -> socket.push(SAY, new Text("to each")));
            assertThat(ann.expect(SAY)).isEqualTo(new Text("to each"));
            assertThat(ben.expect(SAY)).isEqualTo(new Text("to each"));
        }
    }

    @Test
    void aHandlerListsTheMembersOfItsTopic() {
        try (ChannelKit kit = serve(
                "room:*",
                channel()
                        .on(
                                FORWARD,
                                (text, room) -> room.push(
                                        SAY,
                                        new Text(room.channels()
                                                        .localMembers(room.topic())
                                                        .size() + " members"))))) {
            TestChannel one = kit.connect().join("room:1");
            kit.connect().join("room:1");
            one.push(FORWARD, new Text("?"));
            assertThat(one.expect(SAY)).isEqualTo(new Text("2 members"));
        }
    }

    @Test
    void withoutAnEndpointACallIsRefused() {
        String text = "This pub/sub has no endpoint in this JVM: build one with its sockets before channels are used,"
                + " Endpoint.builder().pubsub(pubsub).socket(\"/socket\", socket).build(), and use them before it is closed. A process"
                + " that only publishes does not start it.";
        assertThatIllegalStateException()
                .isThrownBy(() -> channels.broadcast("room:1", TICK))
                .withMessage(text);
        ChannelKit kit = serve("room:*", channel());
        Channels its = kit.channels();
        channels.broadcast("room:1", TICK);
        kit.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> channels.disconnect("user:42"))
                .withMessage(text);
        assertThatIllegalStateException()
                .isThrownBy(() -> its.broadcast("room:1", TICK))
                .withMessage("The endpoint is closed, so its channels cannot be reached any more.");
        assertThat(channels.serves("room:1")).isFalse();
    }
}
