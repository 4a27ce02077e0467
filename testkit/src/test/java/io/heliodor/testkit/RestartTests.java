package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Event;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The presences and histories of clients after the restart of a server. */
@Timeout(120)
class RestartTests {
    record Line(String text) {}

    record Online(String node) {}

    private static final Event<Line> SAID = Event.of("said", Line.class);
    private static final String ROOM = "room:1";
    private static final String A = "a@host";
    private static final String B = "b@host";

    private final Queue<String> left = new ConcurrentLinkedQueue<>();

    private ChannelKit.Builder server(Presence<Online> presence, String node) {
        Channel<String, String> room = Channel.of(String.class)
                .join(join -> Join.ok(join.socket().assigns()))
                .onJoined(in -> presence.track(in, in.assigns(), new Online(node)))
                .on(SAID, (line, in) -> in.broadcast(SAID, line))
                .onLeave((why, in) ->
                        left.add(in.assigns() + " " + why.getClass().getSimpleName()))
                .history(History.of(100, Duration.ofMinutes(5), SAID))
                .build();
        return ChannelKit.builder(UserSocket.<String>connect(
                                connect -> Connect.ok(connect.param("name").orElseThrow()))
                        .channel("room:*", room)
                        .build())
                .presence(presence);
    }

    private ChannelKit serve(ClusterKit cluster, String node) {
        return server(Presence.over(cluster.node(node).pubsub(), Online.class), node)
                .node(cluster, node)
                .start();
    }

    private static TestClient client(ChannelKit kit, String name) {
        return kit.connect(Map.of("name", name));
    }

    @Test
    void aNodeThatIsKilledCutsItsClientsAndItsPresencesLeave() {
        try (ClusterKit cluster = ClusterKit.start(A, B);
                ChannelKit a = serve(cluster, A);
                ChannelKit b = serve(cluster, B)) {
            TestChannel ann = client(a, "ann").join(ROOM);
            TestChannel ben = client(b, "ben").join(ROOM);
            cluster.await(() -> ben.presence().containsKey("ann"));

            cluster.crash(A);
            assertThat(ann.client().expectClose()).isEqualTo(1006);
            assertThat(left).isEmpty();
            ann.push(SAID, new Line("lost"));
            ben.expectNothing(SAID);
            cluster.await(() -> !ben.presence().containsKey("ann"));
            assertThatIllegalStateException().isThrownBy(a::connect).withMessageStartingWith("The node of this kit");

            ben.push(SAID, new Line("meanwhile"));
            ben.expect(SAID);
            cluster.restart(A);
            try (ChannelKit again = serve(cluster, A)) {
                TestChannel back = client(again, "ann").rejoin(ann);
                assertThat(back.recovered()).isTrue();
                assertThat(back.expect(SAID)).isEqualTo(new Line("meanwhile"));
                cluster.await(() -> ben.presence(Online.class)
                                .getOrDefault("ann", List.of())
                                .size()
                        == 1);
                cluster.await(() -> back.presence().keySet().equals(Set.of("ann", "ben")));
            }
        }
        assertThat(left).contains("ann Disconnected");
    }

    @Test
    void aRollingRestartLosesNothing() {
        try (ClusterKit cluster = ClusterKit.start(A, B);
                ChannelKit b = serve(cluster, B)) {
            TestChannel ben = client(b, "ben").join(ROOM);
            TestChannel ann;
            try (ChannelKit a = serve(cluster, A)) {
                ann = client(a, "ann").join(ROOM);
                ann.push(SAID, new Line("before"));
                assertThat(ann.expect(SAID)).isEqualTo(new Line("before"));
                a.drain();
                assertThat(ann.client().expectClose()).isEqualTo(1001);
                cluster.await(() -> !ben.presence().containsKey("ann"));
            }
            assertThat(left).contains("ann Draining");
            cluster.node(A).close();
            assertThat(ben.expect(SAID)).isEqualTo(new Line("before"));
            ben.push(SAID, new Line("while it is away"));
            ben.expect(SAID);

            cluster.restart(A);
            try (ChannelKit again = serve(cluster, A)) {
                TestChannel back = client(again, "ann").rejoin(ann);
                assertThat(back.recovered()).isTrue();
                assertThat(back.expect(SAID)).isEqualTo(new Line("while it is away"));
                cluster.await(() -> ben.presence().containsKey("ann"));
            }
        }
    }

    @Test
    void aSingleServerLosesPresencesAndHistories() {
        TestClock clock = TestClock.create();
        TestChannel ann;
        try (PubSub pubsub = PubSub.local();
                Presence<Online> presence = Presence.over(pubsub, Online.class);
                ChannelKit kit =
                        server(presence, "first").pubsub(pubsub).clock(clock).start()) {
            ann = client(kit, "ann").join(ROOM);
            client(kit, "ben").join(ROOM);
            ann.push(SAID, new Line("before"));
            ann.expect(SAID);
            assertThat(ann.presence()).containsOnlyKeys("ann", "ben");
            kit.drain();
            assertThat(ann.client().expectClose()).isEqualTo(1001);
        }
        try (PubSub pubsub = PubSub.local();
                Presence<Online> presence = Presence.over(pubsub, Online.class);
                ChannelKit kit =
                        server(presence, "second").pubsub(pubsub).clock(clock).start()) {
            TestChannel back = client(kit, "ann").rejoin(ann);
            assertThat(back.recovered()).isFalse();
            assertThat(back.presence(Online.class)).isEqualTo(Map.of("ann", List.of(new Online("second"))));
            back.expectNothing(SAID);
        }
    }
}
