package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.Out;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Event;
import io.heliodor.group.Groups;
import io.heliodor.node.Node;
import io.heliodor.node.Statistic;
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

/** Channels over the pub/sub of a cluster: each node has its server, and clients on all nodes share topics. */
@Timeout(60)
class ChannelsAcrossTests {
    private static final String A = "a@host";
    private static final String B = "b@host";
    private static final String C = "c@host";
    private static final String ROOM = "room:1";

    record User(String name) {}

    record Text(String text) {}

    static final Event<Text> SHOUT = Event.of("shout", Text.class);
    static final Event<Text> WHISPER = Event.of("whisper", Text.class);
    static final Event<Text> NOTE = Event.of("note", Text.class);
    static final Event<ByteBuffer> BYTES = Event.of("bytes", ByteBuffer.class);

    private final ClusterKit cluster = ClusterKit.start(A, B, C);
    private final List<ChannelKit> servers = new ArrayList<>();

    @AfterEach
    void close() {
        servers.forEach(ChannelKit::close);
        cluster.close();
    }

    private static Channel<User, User> room() {
        return Channel.of(User.class)
                .join(join -> Join.ok(join.socket().assigns()))
                .on(SHOUT, (text, in) -> in.broadcast(SHOUT, text))
                .on(WHISPER, (text, in) -> in.broadcastFrom(WHISPER, text))
                .on(NOTE, (text, in) -> in.broadcast(NOTE, text))
                .intercept(
                        NOTE,
                        (text, in) -> Out.replace(
                                new Text(text.text() + " for " + in.assigns().name())))
                .on(BYTES, (bytes, in) -> in.broadcast(BYTES, bytes))
                .build();
    }

    private ChannelKit serve(String node) {
        UserSocket<User> socket = UserSocket.connect((Connect connect) -> Connect.ok(
                        new User(connect.param("name").orElse("anon")),
                        "users:" + connect.param("name").orElse("anon")))
                .channel("room:*", room())
                .build();
        ChannelKit server =
                ChannelKit.builder(socket).pubsub(cluster.node(node).pubsub()).start();
        servers.add(server);
        return server;
    }

    private static TestClient client(ChannelKit server, String name) {
        return server.connect(Map.of("name", name));
    }

    private long statistic(String node, Statistic which) {
        Node of = cluster.node(node);
        return of.statistic(which);
    }

    @Test
    void aBroadcastReachesTheMembersOnAllNodes() {
        TestChannel ann = client(serve(A), "ann").join(ROOM);
        TestChannel ben = client(serve(B), "ben").join(ROOM);
        TestChannel cyd = client(serve(C), "cyd").join(ROOM);
        ann.push(SHOUT, new Text("hey"));
        for (TestChannel each : List.of(ann, ben, cyd)) {
            assertThat(each.expect(SHOUT)).isEqualTo(new Text("hey"));
        }
        servers.get(1).channels().broadcast(ROOM, SHOUT, new Text("from the server"));
        for (TestChannel each : List.of(ann, ben, cyd)) {
            assertThat(each.expect(SHOUT)).isEqualTo(new Text("from the server"));
        }
    }

    /** Its first tick made its clock jump, so what it had done before seemed older than it was to other nodes. */
    @Test
    void aServerBeginsWithTheTimeOfItsNode() {
        cluster.advance(Duration.ofMinutes(1));
        UserSocket<User> socket = UserSocket.connect((Connect _) -> Connect.ok(new User("ann")))
                .channel("room:*", room())
                .build();
        try (ChannelKit server = ChannelKit.builder(socket).node(cluster, A).start()) {
            cluster.advance(Duration.ofSeconds(1));
            server.settle();
            assertThat(server.elapsed()).isLessThanOrEqualTo(Duration.ofSeconds(1));
        }
    }

    @Test
    void aBroadcastToOthersReachesAllNodesAndNotItsSender() {
        ChannelKit server = serve(A);
        TestChannel ann = client(server, "ann").join(ROOM);
        TestChannel amy = client(server, "amy").join(ROOM);
        TestChannel ben = client(serve(B), "ben").join(ROOM);
        ann.push(WHISPER, new Text("psst"));
        assertThat(amy.expect(WHISPER)).isEqualTo(new Text("psst"));
        assertThat(ben.expect(WHISPER)).isEqualTo(new Text("psst"));
        ann.expectNothing();
    }

    @Test
    void interceptsRunOnTheNodeOfTheMember() {
        TestChannel ann = client(serve(A), "ann").join(ROOM);
        TestChannel ben = client(serve(B), "ben").join(ROOM);
        ann.push(NOTE, new Text("a note"));
        assertThat(ann.expect(NOTE)).isEqualTo(new Text("a note for ann"));
        assertThat(ben.expect(NOTE)).isEqualTo(new Text("a note for ben"));
    }

    @Test
    void bytesArriveUnchanged() {
        TestChannel ann = client(serve(A), "ann").join(ROOM);
        TestChannel ben = client(serve(B), "ben").join(ROOM);
        byte[] all = new byte[256];
        IntStream.range(0, 256).forEach(i -> all[i] = (byte) i);
        ann.push(BYTES, ByteBuffer.wrap(all));
        assertThat(ben.expect(BYTES)).isEqualTo(ByteBuffer.wrap(all));
    }

    @Test
    void membersAreCountedOnAllNodesAndListedOnOne() throws Exception {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        TestChannel ann = client(a, "ann").join(ROOM);
        client(b, "ben").join(ROOM);
        client(b, "cyd").join(ROOM);
        serve(C);
        for (ChannelKit each : servers) {
            CompletableFuture<Integer> count =
                    cluster.async(() -> each.channels().memberCount(ROOM));
            cluster.await(count::isDone);
            assertThat(count.get()).isEqualTo(3);
        }
        assertThat(b.channels().localMembers(ROOM)).hasSize(2);
        ann.leave();
        CompletableFuture<Integer> count = cluster.async(() -> b.channels().memberCount(ROOM));
        cluster.await(count::isDone);
        assertThat(count.get()).isEqualTo(2);
    }

    @Test
    void groupsReachMembersOnOtherNodes() {
        ChannelKit server = serve(A);
        TestChannel ben = client(serve(B), "ben").join(ROOM);
        Groups.over(server.pubsub()).create("all").add(ROOM).broadcast(SHOUT, new Text("group"));
        assertThat(ben.expect(SHOUT)).isEqualTo(new Text("group"));
    }

    @Test
    void orderHoldsFromOneClientToMembersOnAnotherNode() {
        TestChannel ann = client(serve(A), "ann").join(ROOM);
        TestChannel ben = client(serve(B), "ben").join(ROOM);
        for (int i = 0; i < 500; i++) {
            ann.push(i % 2 == 0 ? SHOUT : WHISPER, new Text("" + i));
        }
        for (int i = 0; i < 500; i++) {
            assertThat(ben.expectNext(i % 2 == 0 ? SHOUT : WHISPER)).isEqualTo(new Text("" + i));
        }
    }

    @Test
    void messagesAfterTheReplyToAJoinAreNotMissed() {
        ChannelKit first = serve(A);
        ChannelKit second = serve(B);
        ChannelKit third = serve(C);
        for (int i = 0; i < 200; i++) {
            // Each is the first on its node, so its join announces the topic to the other nodes.
            String topic = "room:first-" + i;
            TestChannel ann = client(first, "ann").join(topic);
            second.channels().broadcast(topic, SHOUT, new Text("b" + i));
            third.channels().broadcast(topic, SHOUT, new Text("c" + i));
            List<Text> heard = List.of(ann.expect(SHOUT), ann.expect(SHOUT));
            assertThat(heard).containsExactlyInAnyOrder(new Text("b" + i), new Text("c" + i));
        }
        assertThat(statistic(A, Statistic.INTEREST_LATE)).isZero();
    }

    @Test
    void aTopicWithoutMembersElsewhereCostsTheNetworkNothing() {
        TestChannel ann = client(serve(A), "ann").join(ROOM);
        serve(B);
        cluster.advance(Duration.ofSeconds(1));
        long before = statistic(A, Statistic.ENVELOPES_OUT);
        for (int i = 0; i < 1_000; i++) {
            ann.push(SHOUT, new Text("to myself"));
            ann.expect(SHOUT);
        }
        // The other traffic between nodes is much less.
        assertThat(statistic(A, Statistic.ENVELOPES_OUT) - before).isLessThan(500);
    }

    @Test
    void aJoinWaitsASecondAtMostForANodeThatDoesNotAnswer() {
        ChannelKit server = serve(A);
        cluster.advance(Duration.ofSeconds(1));
        cluster.pause(C);
        Duration begun = cluster.elapsed();
        CompletableFuture<TestChannel> joining =
                cluster.async(() -> client(server, "ann").join(ROOM));
        cluster.advance(Duration.ofMillis(900));
        assertThat(joining).isNotDone();
        cluster.advance(Duration.ofMillis(300));
        cluster.await(joining::isDone);
        assertThat(statistic(A, Statistic.INTEREST_LATE)).isEqualTo(1);
        assertThat(cluster.elapsed().minus(begun)).isLessThan(Duration.ofSeconds(2));
        TestChannel ben = client(server, "ben").join(ROOM);
        server.channels().broadcast(ROOM, SHOUT, new Text("hey"));
        assertThat(ben.expect(SHOUT)).isEqualTo(new Text("hey"));
        cluster.resume(C);
        serve(C).channels().broadcast(ROOM, SHOUT, new Text("again"));
        cluster.advance(Duration.ofSeconds(1));
        assertThat(ben.expect(SHOUT)).isEqualTo(new Text("again"));
    }

    @Test
    void bothSidesOfASplitServeTheirClientsAndMergeAfterIt() {
        ChannelKit first = serve(A);
        ChannelKit third = serve(C);
        TestChannel ann = client(first, "ann").join(ROOM);
        TestChannel cyd = client(third, "cyd").join(ROOM);
        cluster.partition(List.of(A, B), List.of(C));
        cluster.await(() -> cluster.node(A).membership().peers().size() == 1
                && cluster.node(C).membership().peers().isEmpty());
        first.channels().broadcast(ROOM, SHOUT, new Text("here"));
        assertThat(ann.expect(SHOUT)).isEqualTo(new Text("here"));
        cyd.expectNothing();
        cluster.heal();
        cluster.await(() -> cluster.node(C).membership().peers().size() == 2);
        cluster.advance(Duration.ofSeconds(1));
        third.channels().broadcast(ROOM, SHOUT, new Text("all"));
        assertThat(ann.expectNext(SHOUT)).isEqualTo(new Text("all"));
    }

    @Test
    void aKitOnANodeHasItsClock() {
        ChannelKit kit = ChannelKit.builder(UserSocket.open()
                        .channel("room:*", Channel.join(join -> Join.ok("")).build())
                        .build())
                .node(cluster, A)
                .start();
        servers.add(kit);
        cluster.advance(Duration.ofSeconds(2));
        Duration before = kit.elapsed();
        cluster.advance(Duration.ofSeconds(3));
        cluster.await(() -> kit.elapsed().minus(before).compareTo(Duration.ofSeconds(3)) >= 0);
        assertThatThrownBy(() -> kit.advance(Duration.ofSeconds(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("The clock of a kit on a node is that of its cluster: call ClusterKit.advance.");
    }

    /** Ticks follow later, and messages of other nodes may come before them. */
    @Test
    void theClockOfAKitHasTheTimeOfItsNodeAtTheEndOfAPause() {
        ChannelKit kit = ChannelKit.builder(UserSocket.open()
                        .channel("room:*", Channel.join(join -> Join.ok("")).build())
                        .build())
                .node(cluster, A)
                .start();
        servers.add(kit);
        cluster.pause(A);
        Duration before = kit.elapsed();
        cluster.advance(Duration.ofSeconds(3));
        assertThat(kit.elapsed()).isEqualTo(before);
        cluster.resume(A);
        assertThat(kit.elapsed()).isEqualTo(before.plusSeconds(3));
    }
}
