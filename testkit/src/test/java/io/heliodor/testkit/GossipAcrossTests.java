package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.CloseCode;
import io.heliodor.event.Event;
import io.heliodor.node.Statistic;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.token.Revocations;
import io.heliodor.token.Secret;
import io.heliodor.token.TokenOutcome;
import io.heliodor.token.Tokens;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Disconnects and revocations reach nodes that were cut off, and those that start later. */
@Timeout(60)
class GossipAcrossTests {
    private static final String A = "a@host";
    private static final String B = "b@host";
    private static final String C = "c@host";
    private static final String D = "d@host";

    record User(String id) {}

    record Why(String reason) {}

    private static final Event<Why> KICKED = Event.of("kicked", Why.class);

    private final ClusterKit cluster =
            ClusterKit.builder().nodes(A, B, C).capacity(FullQueue.CAPACITY).start();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        cluster.close();
    }

    private ChannelKit serve(String node) {
        UserSocket<User> socket = UserSocket.connect((Connect connect) -> Connect.ok(new User("1"), "users:1"))
                .channel(
                        "room:*",
                        Channel.of(User.class).join(join -> Join.ok(0)).build())
                .build();
        ChannelKit server =
                ChannelKit.builder(socket).pubsub(cluster.node(node).pubsub()).start();
        open.add(server);
        return server;
    }

    private Revocations revocations(String node) {
        Revocations revocations = Revocations.over(cluster.node(node).pubsub());
        open.add(revocations);
        return revocations;
    }

    private static long connections(ChannelKit server) {
        return server.metrics().value("heliodor.connections");
    }

    private static Tokens<User> tokens(Revocations revocations) {
        return Tokens.of(User.class, "socket")
                .secrets(Secret.of("a secret of the tests, 32 bytes or more"))
                .revocable(revocations, User::id)
                .build();
    }

    private static boolean refuses(Revocations revocations, String token) {
        return tokens(revocations).verify(token).equals(new TokenOutcome.Revoked<User>());
    }

    @Test
    void aDisconnectReachesTheReachableNodes() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        TestClient there = b.connect();
        a.channels().disconnect("users:1");
        cluster.await(() -> connections(b) == 0);
        assertThat(there.expectClose()).isEqualTo(1001);
    }

    @Test
    void aNodeThatWasCutOffClosesTheConnectionsThatWereThereBefore() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        TestClient before = b.connect();
        cluster.partition(List.of(A, C), List.of(B));
        a.channels().disconnect("users:1");
        // The clocks of both servers.
        a.advance(Duration.ofSeconds(5));
        b.advance(Duration.ofSeconds(5));
        TestClient after = b.connect();
        assertThat(connections(b)).isEqualTo(2);
        cluster.heal();
        cluster.await(() -> connections(b) == 1);
        assertThat(before.expectClose()).isEqualTo(1001);
        after.join("room:1");
    }

    @Test
    void aNodeThatWasCutOffRemovesAndKicksEarlierClients() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        TestClient before = b.connect();
        TestChannel removed = before.join("room:1");
        TestChannel other = before.join("room:2");
        cluster.partition(List.of(A, C), List.of(B));
        a.channels().remove("users:1", "room:1");
        a.advance(Duration.ofSeconds(5));
        b.advance(Duration.ofSeconds(5));
        TestChannel after = b.connect().join("room:1");
        assertThat(b.metrics().value("heliodor.channels")).isEqualTo(3);
        cluster.heal();
        cluster.await(() -> b.metrics().value("heliodor.channels") == 2);
        removed.expectClose();
        other.expectNothing();
        after.expectNothing();
        a.channels().kick("users:1", KICKED, new Why("spam"));
        cluster.await(() -> connections(b) == 0);
        for (TestChannel each : List.of(other, after)) {
            assertThat(each.client().expect(KICKED)).isEqualTo(new Why("spam"));
            assertThat(each.client().expectClose()).isEqualTo(CloseCode.FORBIDDEN.code());
        }
    }

    @Test
    void revocationsOutliveTheNodeThatMadeThemAndReachThoseThatStartLater() {
        Revocations a = revocations(A);
        Revocations b = revocations(B);
        String token = tokens(a).sign(new User("1"));
        cluster.partition(List.of(A, B), List.of(C));
        a.revoke("1");
        assertThat(refuses(a, token)).isTrue();
        cluster.await(() -> refuses(b, token));
        cluster.crash(A);
        Revocations c = revocations(C);
        assertThat(refuses(c, token)).isFalse();
        cluster.heal();
        cluster.await(() -> refuses(c, token));
        cluster.add(D);
        Revocations d = revocations(D);
        CompletableFuture<Boolean> caughtUp = cluster.async(
                () -> ClusterPubSub.nodesOf(cluster.node(D).pubsub()).awaitCaughtUp(Duration.ofMinutes(1)));
        cluster.await(caughtUp::isDone);
        assertThat(refuses(d, token)).isTrue();
    }

    @Test
    void anEntryThatAFullQueueDroppedComesWithAPeriodicComparison() {
        Revocations a = revocations(A);
        Revocations b = revocations(B);
        String token = tokens(a).sign(new User("1"));
        FullQueue.fill(cluster, A, B);
        long lost = cluster.node(A).statistic(Statistic.PUBLISH_LOST);
        a.revoke("1");
        assertThat(cluster.node(A).statistic(Statistic.PUBLISH_LOST)).isEqualTo(lost + 1);
        cluster.release(A, B);
        cluster.await(() -> refuses(b, token));
    }

    @Test
    void theNextEndpointOfANodeAnswersWhenTheFirstIsClosed() {
        Revocations first = revocations(A);
        Revocations second = revocations(A);
        String token = tokens(first).sign(new User("1"));
        first.revoke("1");
        first.close();
        assertThat(refuses(second, token)).isTrue();
        Revocations b = revocations(B);
        cluster.await(() -> refuses(b, token));
    }
}
