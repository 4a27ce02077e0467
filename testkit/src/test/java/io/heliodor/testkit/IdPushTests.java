package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.fasterxml.jackson.annotation.JsonValue;
import io.heliodor.channel.Channel;
import io.heliodor.channel.Channels;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import io.heliodor.limit.Limits;
import io.heliodor.pubsub.PubSub;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pushes to the connections of an id on one node. */
@Timeout(60)
class IdPushTests {
    record Text(String text) {}

    record Devices(int count) {}

    private static final Event<Text> NOTICE = Event.of("notice", Text.class);
    private static final Event<ByteBuffer> BYTES = Event.of("bytes", ByteBuffer.class);
    private static final Call<Text, Devices, Reason> NOTIFY = Call.of("notify", Text.class, Devices.class);
    private static final String ANN = "users:ann";

    private final PubSub pubsub = PubSub.local();
    private final Channels channels = Channels.over(pubsub);

    @AfterEach
    void close() {
        pubsub.close();
    }

    private ChannelKit serve(Limits limits) {
        return ChannelKit.builder(UserSocket.connect(
                                (Connect connect) -> connect.param("name").isEmpty()
                                        ? Connect.ok(Empty.EMPTY)
                                        : Connect.ok(
                                                Empty.EMPTY,
                                                "users:" + connect.param("name").get()))
                        .channel(
                                "room:*",
                                Channel.join(join -> Join.ok(Empty.EMPTY))
                                        .answerLater(
                                                NOTIFY,
                                                (text, room, reply) -> reply.sendWhenComplete(room.channels()
                                                        .push(ANN, NOTICE, text)
                                                        .thenApply(count -> Reply.ok(new Devices(count)))))
                                        .build())
                        .build())
                .limits(limits)
                .pubsub(pubsub)
                .start();
    }

    private ChannelKit serve() {
        return serve(Limits.openInternet());
    }

    private static TestClient connect(ChannelKit kit, String name) {
        return kit.connect(Map.of("name", name));
    }

    private static int count(CompletionStage<Integer> pushed) {
        return pushed.toCompletableFuture().join();
    }

    @Test
    void eachConnectionOfTheIdGetsTheEventWhateverItHasJoined() {
        try (ChannelKit kit = serve()) {
            TestClient idle = connect(kit, "ann");
            TestClient busy = connect(kit, "ann");
            TestChannel one = busy.join("room:1");
            TestChannel two = busy.join("room:2");
            TestClient ben = connect(kit, "ben");
            TestClient anonymous = kit.connect();
            assertThat(count(channels.push(ANN, NOTICE, new Text("hi")))).isEqualTo(2);
            for (TestClient each : List.of(idle, busy)) {
                assertThat(each.expect(NOTICE)).isEqualTo(new Text("hi"));
                each.expectNothing();
            }
            one.expectNothing();
            two.expectNothing();
            ben.expectNothing();
            anonymous.expectNothing();
        }
    }

    @Test
    void anIdWithoutConnectionsHasACountOfZero() {
        try (ChannelKit kit = serve()) {
            connect(kit, "ben");
            assertThat(count(channels.push(ANN, NOTICE, new Text("hi")))).isZero();
            TestClient late = connect(kit, "ann");
            late.expectNothing();
        }
    }

    @Test
    void theConnectionsOfAllEndpointsOfTheNodeGetItOnce() {
        try (ChannelKit first = serve();
                ChannelKit second = serve()) {
            TestClient ann = connect(first, "ann");
            TestClient tab = connect(second, "ann");
            assertThat(count(first.channels().push(ANN, NOTICE, new Text("hi"))))
                    .isEqualTo(2);
            for (TestClient each : List.of(ann, tab)) {
                assertThat(each.expect(NOTICE)).isEqualTo(new Text("hi"));
                each.expectNothing();
            }
        }
    }

    @Test
    void aClosedConnectionDoesNotCount() {
        try (ChannelKit kit = serve()) {
            TestClient gone = connect(kit, "ann");
            TestClient ann = connect(kit, "ann");
            gone.disconnect();
            assertThat(count(channels.push(ANN, NOTICE, new Text("hi")))).isEqualTo(1);
            assertThat(ann.expect(NOTICE)).isEqualTo(new Text("hi"));
        }
    }

    @Test
    void pushesBroadcastsAndADisconnectOfOneThreadArriveInOrder() {
        try (ChannelKit kit = serve()) {
            TestClient ann = connect(kit, "ann");
            TestChannel room = ann.join("room:1");
            for (int i = 0; i < 100; i++) {
                channels.broadcast("room:1", NOTICE, new Text("room " + i));
                channels.push(ANN, NOTICE, new Text("own " + i));
            }
            channels.disconnect(ANN);
            for (int i = 0; i < 100; i++) {
                assertThat(room.expect(NOTICE)).isEqualTo(new Text("room " + i));
                assertThat(ann.expect(NOTICE)).isEqualTo(new Text("own " + i));
            }
            assertThat(ann.expectClose()).isEqualTo(1001);
        }
    }

    @Test
    void aHandlerRepliesWithTheCount() {
        try (ChannelKit kit = serve()) {
            TestClient ann = connect(kit, "ann");
            TestChannel room = connect(kit, "ben").join("room:1");
            assertThat(room.call(NOTIFY, new Text("hi"))).isEqualTo(new Devices(1));
            assertThat(ann.expect(NOTICE)).isEqualTo(new Text("hi"));
        }
    }

    @Test
    void bytesArriveUnchanged() {
        try (ChannelKit kit = serve()) {
            TestClient ann = connect(kit, "ann");
            ByteBuffer bytes = ByteBuffer.wrap(new byte[] {0, 1, -1});
            assertThat(count(channels.push(ANN, BYTES, bytes))).isEqualTo(1);
            assertThat(ann.expect(BYTES)).isEqualTo(bytes);
        }
    }

    @Test
    void manyConnectionsOfOneIdGetIt() {
        try (ChannelKit kit = serve()) {
            List<TestClient> all =
                    IntStream.range(0, 500).mapToObj(_ -> connect(kit, "ann")).toList();
            assertThat(count(channels.push(ANN, NOTICE, new Text("hi")))).isEqualTo(500);
            all.forEach(each -> assertThat(each.expect(NOTICE)).isEqualTo(new Text("hi")));
        }
    }

    @Test
    void aClientThatDoesNotReadIsClosedAndOthersGetAll() {
        try (ChannelKit kit = serve(Limits.openInternet().memory(m -> m.maxConnectionBytes(1 << 16)))) {
            TestClient slow = connect(kit, "ann");
            TestClient ann = connect(kit, "ann");
            slow.stopReading();
            Text text = new Text("x".repeat(1 << 12));
            for (int i = 0; i < 17; i++) {
                assertThat(count(channels.push(ANN, NOTICE, text))).isPositive();
                assertThat(ann.expect(NOTICE)).isEqualTo(text);
            }
            assertThat(slow.expectClose()).isEqualTo(4408);
            assertThat(kit.metrics().value("heliodor.connections.closed", "slow"))
                    .isEqualTo(1);
            assertThat(count(channels.push(ANN, NOTICE, text))).isEqualTo(1);
        }
    }

    @Test
    void aPayloadThatIsNoObjectIsRefusedAndNothingIsSent() {
        try (ChannelKit kit = serve()) {
            TestClient ann = connect(kit, "ann");
            record Bare(@JsonValue Object value) {}
            Event<Bare> any = Event.of("any", Bare.class);
            assertThatIllegalArgumentException().isThrownBy(() -> channels.push(ANN, any, new Bare(7)));
            assertThatIllegalArgumentException().isThrownBy(() -> channels.push(ANN, any, new Bare(List.of())));
            ann.expectNothing();
        }
    }

    @Test
    void withoutAnEndpointItIsRefused() {
        assertThatIllegalStateException()
                .isThrownBy(() -> channels.push(ANN, NOTICE, new Text("hi")))
                .withMessageStartingWith("This pub/sub has no endpoint in this JVM");
        ChannelKit kit = serve();
        Channels its = kit.channels();
        kit.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> its.push(ANN, NOTICE, new Text("hi")))
                .withMessage("The endpoint is closed, so its channels cannot be reached any more.");
    }
}
