package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.presence.Diff;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.Subscription;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client whose connection was lost comes back at another node within the grace of its presence. */
@Timeout(60)
class GraceAcrossTests {
    private static final String A = "a@host";
    private static final String B = "b@host";
    private static final String ROOM = "room:1";

    record Online(String server) {}

    private final ClusterKit cluster = ClusterKit.start(A, B);
    private final Presence<Online> atA = presence(A);
    private final Presence<Online> atB = presence(B);
    private final ChannelKit a = serve(A, atA);
    private final ChannelKit b = serve(B, atB);
    private final Queue<Diff<Online>> seen = new ConcurrentLinkedQueue<>();

    @AfterEach
    void close() {
        b.close();
        a.close();
        cluster.close();
    }

    private Presence<Online> presence(String node) {
        return Presence.builder(cluster.node(node).pubsub(), Online.class)
                .grace(Duration.ofMinutes(10))
                .build();
    }

    private ChannelKit serve(String node, Presence<Online> presence) {
        Channel<Object, String> room = Channel.join(join -> Join.ok("ann"))
                .onJoined(in -> presence.track(in, in.assigns(), new Online(node)))
                .build();
        UserSocket<Object> socket = UserSocket.<Object>connect(_ -> Connect.ok(""))
                .channel("room:*", room)
                .build();
        return ChannelKit.builder(socket).node(cluster, node).start();
    }

    private TestClient joined(ChannelKit server) {
        TestClient client = server.connect();
        client.join(ROOM);
        return client;
    }

    private void await(Presence<Online> at, String... servers) {
        cluster.await(() -> at.get(ROOM, "ann").stream()
                .map(Online::server)
                .sorted()
                .toList()
                .equals(List.of(servers)));
    }

    @Test
    void theOthersSeeNoLeave() {
        try (Subscription _ = atB.subscribe(ROOM, seen::add)) {
            TestClient ann = joined(a);
            await(atB, A);
            ann.drop();
            cluster.await(() -> atA.lost().owners() == 1);
            joined(b);
            await(atA, B);
            await(atB, B);
            cluster.await(() -> present().equals(Map.of("ann", 1)));
        }
    }

    @Test
    void aClientThatDoesNotAnswerIsLostToo() {
        TestClient ann = joined(a);
        await(atB, A);
        ann.hang();
        cluster.advance(Duration.ofMinutes(2));
        cluster.await(() -> atA.lost().owners() == 1);
        await(atB, A);
    }

    @Test
    void aClientThatDisconnectsLeavesAtOnce() {
        TestClient ann = joined(a);
        await(atB, A);
        ann.disconnect();
        await(atB);
        assertThat(atA.lost().owners()).isZero();
    }

    @Test
    void lostClientsOfADeadNodeLeaveWithIt() {
        TestClient ann = joined(a);
        await(atB, A);
        ann.drop();
        cluster.await(() -> atA.lost().owners() == 1);
        cluster.crash(A);
        await(atB);
    }

    /** The number of presences of each key by the diffs so far. A key was never absent in between. */
    private Map<String, Integer> present() {
        Map<String, Integer> count = new HashMap<>();
        for (Diff<Online> diff : seen) {
            diff.joins().forEach((key, metas) -> count.merge(key, metas.size(), Integer::sum));
            diff.leaves().forEach((key, metas) -> {
                count.merge(key, -metas.size(), Integer::sum);
                assertThat(count.get(key)).as("%s in %s", key, seen).isPositive();
            });
        }
        return count;
    }
}
