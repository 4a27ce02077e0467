package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pushes to the connections of an id on all nodes of a cluster. */
@Timeout(60)
class IdPushAcrossTests {
    private static final String A = "a@host";
    private static final String B = "b@host";
    private static final String C = "c@host";
    private static final String ANN = "users:ann";

    record Text(String text) {}

    private static final Event<Text> NOTICE = Event.of("notice", Text.class);
    private static final Event<ByteBuffer> BYTES = Event.of("bytes", ByteBuffer.class);

    private final ClusterKit cluster = ClusterKit.start(A, B, C);
    private final List<ChannelKit> servers = new ArrayList<>();

    @AfterEach
    void close() {
        servers.forEach(ChannelKit::close);
        cluster.close();
    }

    private ChannelKit serve(String node) {
        ChannelKit server = ChannelKit.builder(UserSocket.connect((Connect connect) -> Connect.ok(
                                Empty.EMPTY, "users:" + connect.param("name").orElse("none")))
                        .channel(
                                "room:*",
                                Channel.join(join -> Join.ok(Empty.EMPTY)).build())
                        .build())
                .pubsub(cluster.node(node).pubsub())
                .start();
        servers.add(server);
        cluster.advance(Duration.ofSeconds(1)); // the other nodes get its subscription
        return server;
    }

    private static TestClient connect(ChannelKit server, String name) {
        return server.connect(Map.of("name", name));
    }

    private int push(ChannelKit from, String text) {
        return await(pushed(from, text));
    }

    private CompletableFuture<Integer> pushed(ChannelKit from, String text) {
        return cluster.async(() -> from.channels()
                .push(ANN, NOTICE, new Text(text))
                .toCompletableFuture()
                .join());
    }

    private int await(CompletableFuture<Integer> pushed) {
        cluster.await(pushed::isDone);
        return pushed.join();
    }

    @Test
    void theDevicesOnAllNodesGetItAndAreCounted() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        ChannelKit c = serve(C);
        List<TestClient> devices = List.of(connect(a, "ann"), connect(b, "ann"), connect(b, "ann"));
        TestClient ben = connect(b, "ben");
        for (ChannelKit from : List.of(a, b, c)) {
            Duration before = cluster.elapsed();
            assertThat(push(from, "hi")).isEqualTo(3);
            assertThat(cluster.elapsed().minus(before))
                    .as("it does not wait for the timeout")
                    .isLessThan(Duration.ofSeconds(1));
            devices.forEach(each -> assertThat(each.expect(NOTICE)).isEqualTo(new Text("hi")));
        }
        devices.forEach(TestClient::expectNothing);
        ben.expectNothing();
    }

    @Test
    void aNodeWithoutAnEndpointIsNotAwaited() {
        ChannelKit a = serve(A);
        connect(a, "ann");
        assertThat(a.channels().push(ANN, NOTICE, new Text("hi")).toCompletableFuture())
                .isCompletedWithValue(1);
    }

    @Test
    void severalEndpointsOfANodeDeliverOnceAndCountOnce() {
        ChannelKit a = serve(A);
        ChannelKit first = serve(B);
        ChannelKit second = serve(B);
        List<TestClient> devices = List.of(connect(first, "ann"), connect(second, "ann"));
        assertThat(push(a, "one")).isEqualTo(2);
        devices.forEach(each -> assertThat(each.expect(NOTICE)).isEqualTo(new Text("one")));
        first.close();
        servers.remove(first);
        assertThat(push(a, "two")).isEqualTo(1);
        assertThat(devices.getLast().expect(NOTICE)).isEqualTo(new Text("two"));
        devices.getLast().expectNothing();
    }

    @Test
    void pushesAndADisconnectOfOneThreadReachAnotherNodeInOrder() {
        ChannelKit a = serve(A);
        TestClient ann = connect(serve(B), "ann");
        TestChannel room = ann.join("room:1");
        for (int i = 0; i < 200; i++) {
            a.channels().push(ANN, NOTICE, new Text("own " + i));
            a.channels().broadcast("room:1", NOTICE, new Text("room " + i));
        }
        a.channels().disconnect(ANN);
        for (int i = 0; i < 200; i++) {
            assertThat(ann.expect(NOTICE)).isEqualTo(new Text("own " + i));
            assertThat(room.expectNext(NOTICE)).isEqualTo(new Text("room " + i));
        }
        assertThat(ann.expectClose()).isEqualTo(1001);
    }

    @Test
    void bytesReachAnotherNodeUnchanged() {
        ChannelKit a = serve(A);
        TestClient ann = connect(serve(B), "ann");
        ByteBuffer bytes = ByteBuffer.wrap(new byte[] {0, 1, -1});
        a.channels().push(ANN, BYTES, bytes);
        assertThat(ann.expect(BYTES)).isEqualTo(bytes);
    }

    @Test
    void aNodeThatDoesNotAnswerCountsZeroAfterASecond() {
        ChannelKit a = serve(A);
        TestClient there = connect(serve(B), "ann");
        TestClient frozen = connect(serve(C), "ann");
        cluster.delay(C, A);
        CompletableFuture<Integer> pushed = pushed(a, "hi");
        assertThat(there.expect(NOTICE)).isEqualTo(new Text("hi"));
        cluster.advance(Duration.ofMillis(900));
        assertThat(pushed).as("the count while C may answer").isNotDone();
        cluster.advance(Duration.ofMillis(400));
        assertThat(await(pushed)).isEqualTo(1);
        assertThat(frozen.expect(NOTICE)).isEqualTo(new Text("hi"));
        cluster.release(C, A);
        cluster.advance(Duration.ofSeconds(2));
        assertThat(push(a, "again")).isEqualTo(2);
    }

    @Test
    void manyConnectionsOnTwoNodesGetManyPushes() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        List<TestClient> all = IntStream.range(0, 200)
                .mapToObj(i -> connect(i % 2 == 0 ? a : b, "ann"))
                .toList();
        List<CompletableFuture<Integer>> counts =
                IntStream.range(0, 100).mapToObj(i -> pushed(a, "" + i)).toList();
        counts.forEach(each -> assertThat(await(each)).isEqualTo(200));
        all.forEach(each -> IntStream.range(0, 100).forEach(_ -> each.expect(NOTICE)));
        all.forEach(TestClient::expectNothing);
        assertThat(a.metrics().value("heliodor.push.counts.cut")).isZero();
    }
}
