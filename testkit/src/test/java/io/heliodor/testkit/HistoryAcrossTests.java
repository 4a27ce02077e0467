package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Event;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.pubsub.PubSub;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A history over the nodes of a cluster: each keeps it, and a client goes on at any of them. */
@Timeout(60)
class HistoryAcrossTests {
    private static final String A = "a@host";
    private static final String B = "b@host";
    private static final String C = "c@host";
    private static final String ROOM = "room:1";

    record Text(String text) {}

    static final Event<Text> SHOUT = Event.of("shout", Text.class);
    static final Event<Text> TYPING = Event.of("typing", Text.class);

    private final ClusterKit cluster = ClusterKit.start(A, B, C);
    private final List<ChannelKit> servers = new ArrayList<>();
    private final Map<TestChannel, TestClient> clients = new ConcurrentHashMap<>();

    @AfterEach
    void close() {
        servers.forEach(ChannelKit::close);
        cluster.close();
    }

    private ChannelKit serve(PubSub pubsub, boolean keeps) {
        Channel.Builder<Object, String> room = Channel.join((Join<Object> join) -> Join.ok("a"))
                .on(SHOUT, (text, in) -> in.broadcast(SHOUT, text))
                .on(TYPING, (text, in) -> in.broadcast(TYPING, text));
        if (keeps) {
            room.history(History.of(100, Duration.ofMinutes(5), SHOUT));
        }
        UserSocket<Object> socket =
                UserSocket.open().channel("room:*", room.build()).build();
        ChannelKit server = ChannelKit.builder(socket).pubsub(pubsub).start();
        servers.add(server);
        return server;
    }

    private ChannelKit serve(String node) {
        return serve(cluster.node(node).pubsub(), true);
    }

    private void pass(Duration time) {
        for (long left = time.toMillis(); left > 0; left -= 100) {
            cluster.advance(Duration.ofMillis(100));
            servers.forEach(server -> server.advance(Duration.ofMillis(100)));
        }
    }

    private TestChannel join(ChannelKit server) {
        return joined(server, client -> client.join(ROOM));
    }

    private TestChannel rejoin(ChannelKit server, TestChannel before) {
        return joined(server, client -> client.rejoin(before));
    }

    private TestChannel joined(ChannelKit server, Function<TestClient, TestChannel> join) {
        TestClient client = server.connect();
        CompletableFuture<TestChannel> joining = CompletableFuture.supplyAsync(() -> join.apply(client));
        cluster.await(joining::isDone);
        TestChannel channel = joining.join();
        clients.put(channel, client);
        return channel;
    }

    private void drop(TestChannel channel) {
        clients.get(channel).drop();
    }

    private static void expect(TestChannel channel, String... texts) {
        for (String text : texts) {
            assertThat(channel.expectNext(SHOUT)).isEqualTo(new Text(text));
        }
    }

    private static void say(ChannelKit server, String... texts) {
        for (String text : texts) {
            server.broadcast(ROOM, SHOUT, new Text(text));
        }
    }

    @Test
    void aClientGoesOnAtAnotherNode() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        TestChannel ann = join(a);
        TestChannel ben = join(b);
        ann.push(SHOUT, new Text("of a"));
        expect(ann, "of a");
        expect(ben, "of a");
        ben.push(SHOUT, new Text("of b"));
        expect(ben, "of b");
        expect(ann, "of b");
        drop(ann);
        say(b, "1", "2");
        say(a, "3");
        expect(ben, "1", "2", "3");
        TestChannel back = rejoin(b, ann);
        assertThat(back.recovered()).isTrue();
        expect(back, "1", "2", "3");
        say(a, "4");
        expect(back, "4");
        expect(ben, "4");
    }

    @Test
    void theFirstMemberOfANodeGetsWhatOthersKept() {
        ChannelKit a = serve(A);
        TestChannel ann = join(a);
        say(a, "1", "2");
        expect(ann, "1", "2");
        drop(ann);
        say(a, "3");
        TestChannel back = rejoin(serve(C), ann);
        assertThat(back.recovered()).isTrue();
        expect(back, "3");
    }

    @Test
    void aNodeWithoutMembersHasItsBroadcastsKept() {
        ChannelKit a = serve(A);
        TestChannel ann = join(a);
        ChannelKit b = serve(B);
        say(b, "1");
        expect(ann, "1");
        drop(ann);
        say(b, "2", "3");
        TestChannel back = rejoin(a, ann);
        assertThat(back.recovered()).isTrue();
        expect(back, "2", "3");
    }

    @Test
    void aMessageThatIsNotKeptHasItsPlace() {
        TestChannel ann = join(serve(A));
        TestChannel ben = join(serve(B));
        for (int i = 0; i < 300; i++) {
            ann.push(i % 3 == 0 ? SHOUT : TYPING, new Text("" + i));
        }
        for (int i = 0; i < 300; i++) {
            assertThat(ben.expectNext(i % 3 == 0 ? SHOUT : TYPING)).isEqualTo(new Text("" + i));
        }
    }

    @Test
    void bothSidesOfASplitGetWhatTheyMissed() {
        ChannelKit a = serve(A);
        ChannelKit c = serve(C);
        TestChannel ann = join(a);
        TestChannel cyd = join(c);
        say(a, "before");
        expect(ann, "before");
        expect(cyd, "before");
        cluster.partition(List.of(A, B), List.of(C));
        cluster.await(() -> cluster.node(A).membership().peers().size() == 1
                && cluster.node(C).membership().peers().isEmpty());
        say(a, "of a");
        say(c, "of c");
        expect(ann, "of a");
        expect(cyd, "of c");
        drop(cyd);
        cluster.heal();
        cluster.await(() -> cluster.node(C).membership().peers().size() == 2);
        pass(Duration.ofSeconds(2));
        expect(ann, "of c");
        TestChannel back = rejoin(a, cyd);
        assertThat(back.recovered()).isTrue();
        expect(back, "of a");
        say(c, "after");
        expect(ann, "after");
        expect(back, "after");
    }

    @Test
    void theClientsOfADeadNodeGoOn() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        TestChannel ann = join(a);
        TestChannel ben = join(b);
        say(a, "1");
        expect(ann, "1");
        drop(ann);
        say(a, "2");
        expect(ben, "1", "2");
        cluster.crash(A);
        cluster.await(() -> cluster.node(B).membership().peers().size() == 1);
        say(b, "3");
        expect(ben, "3");
        TestChannel back = rejoin(b, ann);
        assertThat(back.recovered()).isTrue();
        expect(back, "2", "3");
    }

    @Test
    void aMemberWhoseChannelKeepsNothingGetsEachBroadcastOnce() {
        ChannelKit plain = serve(cluster.node(A).pubsub(), false);
        TestChannel before = join(plain);
        ChannelKit b = serve(B);
        TestChannel ben = join(b);
        say(b, "1");
        expect(before, "1");
        expect(ben, "1");
        ChannelKit a = serve(A);
        TestChannel ann = join(a);
        say(b, "2");
        for (TestChannel each : List.of(before, ben, ann)) {
            expect(each, "2");
        }
        before.push(SHOUT, new Text("of a channel that keeps nothing"));
        for (TestChannel each : List.of(before, ben, ann)) {
            expect(each, "of a channel that keeps nothing");
        }
        before.expectNothing();
    }

    @Test
    void twoEndpointsOfOneNodeKeepTheSame() {
        PubSub pubsub = cluster.node(A).pubsub();
        ChannelKit first = serve(pubsub, true);
        ChannelKit second = serve(pubsub, true);
        TestChannel ann = join(first);
        say(first, "1");
        expect(ann, "1");
        TestChannel amy = join(second);
        TestChannel ben = join(serve(B));
        say(second, "2");
        say(first, "3");
        for (TestChannel each : List.of(ann, amy, ben)) {
            expect(each, "2", "3");
        }
        drop(ben);
        drop(ann);
        say(second, "4");
        TestChannel back = rejoin(second, ann);
        assertThat(back.recovered()).isTrue();
        expect(back, "4");
        TestChannel there = rejoin(servers.get(2), ben);
        assertThat(there.recovered()).isTrue();
        expect(there, "4");
    }

    @Test
    void twoEndpointsOfOneJvmKeepTheSame() {
        try (PubSub pubsub = PubSub.local()) {
            ChannelKit first = serve(pubsub, true);
            ChannelKit second = serve(pubsub, true);
            TestChannel ann = join(first);
            say(second, "1");
            expect(ann, "1");
            drop(ann);
            say(first, "2");
            say(second, "3");
            TestChannel back = rejoin(second, ann);
            assertThat(back.recovered()).isTrue();
            expect(back, "2", "3");
        }
    }
}
