package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.pubsub.Topic;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The end of all work on several nodes: what was published on one of them has arrived at the others. */
@Timeout(60)
class SettleAcrossTests {
    private static final String A = "a@host";
    private static final String B = "b@host";
    private static final String C = "c@host";
    private static final String ROOM = "room:1";
    private static final int MESSAGES = 50;

    record Text(String text) {}

    static final Event<Text> SHOUT = Event.of("shout", Text.class);
    static final Event<Empty> SLOW = Event.of("slow", Empty.class);
    static final Event<Text> LATE = Event.of("late", Text.class);
    static final Topic<Integer> NEWS = Topic.of("news", Integer.class);

    private final ClusterKit cluster =
            ClusterKit.builder().nodes(A, B, C).patience(Duration.ofSeconds(10)).start();
    private final CountDownLatch gate = new CountDownLatch(1);

    @AfterEach
    void close() {
        gate.countDown();
        cluster.close();
    }

    private ChannelKit serve(String node) {
        Channel<Object, Empty> room = Channel.join(join -> Join.ok(Empty.EMPTY))
                .on(SHOUT, (text, in) -> in.broadcastFrom(SHOUT, text))
                .on(LATE, (text, in) -> {
                    Thread.sleep(Duration.ofMillis(20));
                    return in.broadcast(SHOUT, text);
                })
                .on(SLOW, (nothing, in) -> {
                    gate.await();
                    return NoReply.none();
                })
                .onJoined(in -> in.subscribe(NEWS))
                .onPublished(NEWS, (number, in) -> in.push(SHOUT, new Text("news " + number)))
                .build();
        return ChannelKit.builder(UserSocket.open().channel("room:*", room).build())
                .node(cluster, node)
                .start();
    }

    @Test
    void publishedMessagesHaveArrivedOnAllNodes() {
        List<String> got = new CopyOnWriteArrayList<>();
        for (String node : List.of(B, C)) {
            cluster.node(node).pubsub().subscribe(NEWS, number -> got.add(node + " " + number));
        }
        cluster.settle();
        Duration before = cluster.elapsed();
        for (int i = 1; i <= MESSAGES; i++) {
            cluster.node(A).pubsub().broadcast(NEWS, i);
            cluster.settle();
            assertThat(got).hasSize(2 * i).contains(B + " " + i, C + " " + i);
        }
        assertThat(cluster.elapsed()).isEqualTo(before);
    }

    @Test
    void theAbsenceOfAnEventOfAnotherNodeIsExact() {
        try (ChannelKit a = serve(A);
                ChannelKit b = serve(B)) {
            TestChannel ann = a.connect().join(ROOM);
            TestChannel ben = b.connect().join(ROOM);
            for (int i = 0; i < MESSAGES; i++) {
                ann.push(i % 10 == 0 ? LATE : SHOUT, new Text("hey"));
                assertThatThrownBy(ben::expectNothing)
                        .isInstanceOf(AssertionError.class)
                        .hasMessageStartingWith("Expected nothing more on room:1; 'shout' came");
            }
        }
    }

    @Test
    void aSubscriptionOfAHookIsKnownToTheOtherNodes() {
        try (ChannelKit b = serve(B)) {
            for (int i = 1; i <= MESSAGES; i++) {
                TestClient client = b.connect();
                TestChannel ben = client.join(ROOM);
                b.settle();
                cluster.node(A).pubsub().broadcast(NEWS, i);
                assertThat(ben.expect(SHOUT)).isEqualTo(new Text("news " + i));
                client.disconnect();
                b.settle();
            }
        }
    }

    @Test
    void aHandlerOfAnotherNodeIsNamed() {
        try (ChannelKit a = serve(A);
                ChannelKit b = serve(B)) {
            a.connect().join(ROOM).push(SLOW);
            TestChannel ben = b.connect().join(ROOM);
            assertThatThrownBy(ben::expectNothing)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageStartingWith(
                            "Work is still pending after 5 s. Still running: the handler of 'slow' on room:1, at ")
                    .hasMessageContaining("clock: ");
            gate.countDown();
        }
    }

    @Test
    void whatAFaultHoldsIsNotAwaited() {
        try (ChannelKit a = serve(A);
                ChannelKit b = serve(B);
                ChannelKit c = serve(C)) {
            TestChannel ann = a.connect().join(ROOM);
            TestChannel ben = b.connect().join(ROOM);
            TestChannel cyd = c.connect().join(ROOM);
            cluster.delay(A, B);
            ann.push(SHOUT, new Text("late"));
            ben.expectNothing();
            cluster.release(A, B);
            assertThat(ben.expect(SHOUT)).isEqualTo(new Text("late"));
            assertThat(cyd.expect(SHOUT)).isEqualTo(new Text("late"));

            cluster.pause(B);
            ann.push(SHOUT, new Text("paused"));
            cluster.settle();
            cluster.resume(B);
            assertThat(ben.expect(SHOUT)).isEqualTo(new Text("paused"));
            assertThat(cyd.expect(SHOUT)).isEqualTo(new Text("paused"));

            cluster.partition(List.of(A), List.of(B, C));
            ann.push(SHOUT, new Text("split"));
            ben.expectNothing();
            cluster.crash(C);
            ben.expectNothing();
        }
    }

    @Test
    void aClosedKitIsNotSettled() {
        cluster.close();
        assertThatIllegalStateException().isThrownBy(cluster::settle).withMessage("The kit is closed.");
    }
}
