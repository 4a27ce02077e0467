package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.Join;
import io.heliodor.channel.Socket;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tokens of many connections are refreshed under load, and rights are taken away on all nodes. */
@Timeout(180)
class RefreshAcrossTests {
    private static final List<String> NODES = List.of("a@host", "b@host", "c@host");

    /** Each has a connection to each of the three nodes. */
    private static final int USERS = 334;

    private static final int ROOMS = 20;
    private static final int ROUNDS = 3;

    record User(String name, int version) {}

    record Tick(int n) {}

    private static final Event<Tick> TICK = Event.of("tick", Tick.class);

    private final ClusterKit cluster =
            ClusterKit.builder().nodes(NODES.toArray(String[]::new)).start();
    private final List<ChannelKit> servers = new ArrayList<>();

    /** Users that may not be in any room. */
    private final Set<String> banned = ConcurrentHashMap.newKeySet();

    @AfterEach
    void close() {
        servers.forEach(ChannelKit::close);
        cluster.close();
    }

    private ChannelKit serve(String node) {
        UserSocket<User> socket = UserSocket.<User>connect(RefreshAcrossTests::connect)
                .onRefresh(RefreshAcrossTests::refresh)
                .channel(
                        "room:*",
                        Channel.of(User.class)
                                .join(join -> Join.ok(0))
                                .authorize((user, room) ->
                                        !banned.contains(user.assigns().name()))
                                .build())
                .build();
        ChannelKit server =
                ChannelKit.builder(socket).pubsub(cluster.node(node).pubsub()).start();
        servers.add(server);
        return server;
    }

    private static ConnectOutcome<User> connect(Connect connect) {
        String name = connect.param("user").orElseThrow();
        return Connect.ok(new User(name, 0), "users:" + name).validFor(Duration.ofMinutes(1));
    }

    private static ConnectOutcome<User> refresh(String token, Socket<User> socket) {
        if (token.equals("bad")) {
            return Connect.<User>refuse(401).text("expired");
        }
        User before = socket.assigns();
        return Connect.ok(new User(before.name(), Integer.parseInt(token))).validFor(Duration.ofMinutes(1));
    }

    private long sum(String metric) {
        return servers.stream()
                .mapToLong(server -> server.metrics().value(metric))
                .sum();
    }

    @Test
    void aThousandConnectionsAreRefreshedUnderLoadAndNoneIsClosed() throws Exception {
        List<TestClient> clients = new ArrayList<>();
        List<TestChannel> channels = new ArrayList<>();
        for (String node : NODES) {
            ChannelKit server = serve(node);
            for (int user = 0; user < USERS; user++) {
                TestClient client = server.connect(Map.of("user", String.valueOf(user)));
                clients.add(client);
                channels.add(client.join("room:" + user % ROOMS));
            }
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int round = 1; round <= ROUNDS; round++) {
                // The limit of the first token is over after the second round.
                servers.forEach(server -> server.advance(Duration.ofSeconds(40)));
                List<Future<?>> work = new ArrayList<>();
                int n = round;
                for (ChannelKit server : servers) {
                    work.add(threads.submit(() -> {
                        for (int room = 0; room < ROOMS; room++) {
                            server.channels().broadcast("room:" + room, TICK, new Tick(n));
                        }
                    }));
                }
                clients.forEach(client -> work.add(threads.submit(() -> client.refresh(String.valueOf(n)))));
                finish(work);
            }
        }
        int connections = NODES.size() * USERS;
        assertThat(connections).isGreaterThanOrEqualTo(1_000);
        assertThat(sum("heliodor.connections")).isEqualTo(connections);
        assertThat(sum("heliodor.channels")).isEqualTo(connections);
        assertThat(sum("heliodor.refreshes")).isEqualTo((long) connections * ROUNDS);
        assertThat(sum("heliodor.refreshes.refused")).isZero();
        for (ChannelKit server : servers) {
            assertThat(server.channels().localConnections("users:7"))
                    .allSatisfy(socket -> assertThat(socket.assigns()).isEqualTo(new User("7", ROUNDS)));
        }

        banned.add("7");
        servers.getFirst().channels().recheck("users:7");
        cluster.await(() -> sum("heliodor.channels") == connections - NODES.size());
        for (int node = 0; node < NODES.size(); node++) {
            channels.get(node * USERS + 7).expectClose();
        }
        assertThat(sum("heliodor.channels.unauthorized")).isEqualTo(NODES.size());
        assertThat(sum("heliodor.connections")).isEqualTo(connections);
    }

    private static void finish(List<Future<?>> work) throws ExecutionException, InterruptedException {
        for (Future<?> each : work) {
            each.get();
        }
    }

    @Test
    void aNodeThatWasCutOffEndsTheChannelsWhenItIsBack() {
        ChannelKit a = serve(NODES.get(0));
        ChannelKit b = serve(NODES.get(1));
        TestChannel there = b.connect(Map.of("user", "7")).join("room:1");
        cluster.partition(List.of(NODES.get(0), NODES.get(2)), List.of(NODES.get(1)));
        banned.add("7");
        a.channels().recheck("users:7");
        a.advance(Duration.ofSeconds(5));
        b.advance(Duration.ofSeconds(5));
        assertThat(sum("heliodor.channels")).isEqualTo(1);
        cluster.heal();
        cluster.await(() -> sum("heliodor.channels") == 0);
        there.expectClose();
    }

    @Test
    void aTestClientExpectsThatItsTokenIsAcceptedOrRefused() {
        TestClient client = serve(NODES.get(0)).connect(Map.of("user", "7"));
        assertThat(client.refreshRefused("bad").reason()).isEqualTo("expired");
        assertThatThrownBy(() -> client.refresh("bad"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("use refreshRefused");
        assertThatThrownBy(() -> client.refreshRefused("1"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("it was accepted");
        client.expectNothing();
    }
}
