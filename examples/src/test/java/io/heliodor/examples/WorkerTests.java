package io.heliodor.examples;

import static io.heliodor.examples.SeveralNodes.MESSAGE;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Channels;
import io.heliodor.channel.Connect;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.examples.SeveralNodes.Message;
import io.heliodor.presence.Presence;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.ClusterKit;
import io.heliodor.testkit.TestChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A process without clients, in a cluster of three: it broadcasts, pushes and evicts as a server does. */
class WorkerTests {
    private static final String ROOM = "room:lobby";
    private static final Event<Message> NOTE = Event.of("note", Message.class);
    private static final Message HELLO = new Message("worker", "the report is ready");

    private final AtomicBoolean member = new AtomicBoolean(true);

    private UserSocket<String> socket() {
        Channel<String, Empty> room = Channel.of(String.class)
                .join(_ -> Join.ok(Empty.EMPTY))
                .authorize((_, _) -> member.get())
                .sends(MESSAGE)
                .history(History.of(100, Duration.ofMinutes(5), MESSAGE))
                .build();
        return UserSocket.connect(connect -> {
                    String user = connect.param("user").orElse("guest");
                    return Connect.ok(user, "users:" + user);
                })
                .channel("room:*", room)
                .build();
    }

    private ChannelKit serve(ClusterKit cluster, String node) {
        return ChannelKit.builder(socket()).node(cluster, node).start();
    }

    /** As a program does before it ends, while the clock of the cluster moves. */
    private static void close(ClusterKit cluster, Endpoint publisher) {
        Future<?> closed = cluster.async(Executors.callable(publisher::close));
        cluster.await(closed::isDone);
    }

    @Test
    void theWorkerOfTheGuidePublishes() {
        try (ClusterKit cluster = ClusterKit.start("a@host", "worker@host");
                ChannelKit a = SeveralNodesTests.serve(cluster, "a@host")) {
            Endpoint publisher = Worker.publisher(
                    cluster.node("worker@host"),
                    SeveralNodes.socket(
                            Presence.over(cluster.node("worker@host").pubsub(), SeveralNodes.Online.class)));
            TestChannel ann = a.connect(Map.of("name", "ann")).join(ROOM);
            Worker.work(publisher);
            assertThat(ann.expect(MESSAGE)).isEqualTo(HELLO);
            close(cluster, publisher);
        }
    }

    @Test
    void aKeptEventOfAWorkerReachesAUserThatWasAway() {
        try (ClusterKit cluster = ClusterKit.start("a@host", "b@host", "worker@host");
                ChannelKit a = serve(cluster, "a@host");
                ChannelKit b = serve(cluster, "b@host")) {
            Endpoint publisher = Endpoint.builder()
                    .pubsub(cluster.node("worker@host").pubsub())
                    .socket("/socket", socket())
                    .build();
            TestChannel ann = a.connect(Map.of("user", "ann")).join(ROOM);
            ann.client().drop();
            publisher.channels().broadcast(ROOM, MESSAGE, HELLO);
            assertThat(publisher.channels().newest(ROOM, 1).messages()).hasSize(1);
            close(cluster, publisher);
            cluster.node("worker@host").close();

            TestChannel back = b.connect(Map.of("user", "ann")).rejoin(ann);
            assertThat(back.recovered()).isTrue();
            assertThat(back.expect(MESSAGE)).isEqualTo(HELLO);
        }
    }

    @Test
    void aWorkerReachesUsersByTheirIds() {
        try (ClusterKit cluster = ClusterKit.start("a@host", "b@host", "worker@host");
                ChannelKit a = serve(cluster, "a@host");
                ChannelKit b = serve(cluster, "b@host")) {
            Endpoint publisher = Endpoint.builder()
                    .pubsub(cluster.node("worker@host").pubsub())
                    .socket("/socket", socket())
                    .build();
            Channels channels = Channels.over(cluster.node("worker@host").pubsub());
            TestChannel ann = a.connect(Map.of("user", "ann")).join(ROOM);
            TestChannel ben = b.connect(Map.of("user", "ben")).join(ROOM);
            TestChannel cid = b.connect(Map.of("user", "cid")).join(ROOM);
            Future<Integer> members = cluster.async(() -> channels.memberCount(ROOM));
            cluster.await(members::isDone);
            assertThat(members.resultNow()).isEqualTo(3);

            Future<Integer> sent = channels.push("users:ann", NOTE, HELLO).toCompletableFuture();
            assertThat(ann.client().expect(NOTE)).isEqualTo(HELLO);
            cluster.await(sent::isDone);
            assertThat(sent.resultNow()).isEqualTo(1);

            channels.remove("users:ann", ROOM);
            ann.expectClose();
            channels.kick("users:ben", NOTE, HELLO);
            assertThat(ben.client().expect(NOTE)).isEqualTo(HELLO);
            assertThat(ben.client().expectClose()).isEqualTo(4403);
            member.set(false);
            channels.recheck("users:cid");
            cid.expectClose();
            channels.disconnect("users:cid");
            assertThat(cid.client().expectClose()).isEqualTo(1001);
            close(cluster, publisher);
        }
    }

    @Test
    void theHistoryOfAWorkerEndsWithItsAge() {
        Channel<Object, Empty> room = Channel.join(_ -> Join.ok(Empty.EMPTY))
                .history(History.of(100, Duration.ofMillis(100), MESSAGE))
                .build();
        UserSocket<Object> socket = UserSocket.open().channel("room:*", room).build();
        try (ClusterKit cluster = ClusterKit.start("a@host", "worker@host");
                ChannelKit a =
                        ChannelKit.builder(socket).node(cluster, "a@host").start()) {
            Endpoint publisher = Endpoint.builder()
                    .pubsub(cluster.node("worker@host").pubsub())
                    .socket("/socket", socket)
                    .build();
            TestChannel ann = a.connect().join(ROOM);
            publisher.channels().broadcast(ROOM, MESSAGE, HELLO);
            assertThat(ann.expect(MESSAGE)).isEqualTo(HELLO);
            assertThat(publisher.metrics().value("heliodor.topics")).isEqualTo(1);
            ann.leave();
            cluster.await(() -> publisher.metrics().value("heliodor.topics") == 0);
            close(cluster, publisher);
        }
    }
}
