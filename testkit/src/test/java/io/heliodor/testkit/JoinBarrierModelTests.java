package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.JoinOutcome;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Clients join, are cut off and join again, at three nodes whose numbers change, of which one may die. A join handler may be held up
 * before and after its read. Each client misses no change, and gets none twice that is of its own node.
 */
@Timeout(120)
class JoinBarrierModelTests {
    private static final List<String> NODES = List.of("a@host", "b@host", "c@host");
    private static final String TOPIC = "state:1";
    private static final int CLIENTS = 4;
    private static final int ACTIONS = 40;

    /** So few that some clients recover nothing. */
    private static final int KEPT = 8;

    record State(Map<String, Integer> numbers) {}

    record Bumped(String node, int v) {}

    static final Event<Bumped> BUMPED = Event.of("bumped", Bumped.class);

    /** The numbers of all nodes, as a database has them: its lock orders commits and broadcasts. */
    private final Map<String, Integer> numbers = new TreeMap<>();

    private final Map<String, ChannelKit> servers = new TreeMap<>();
    private final Set<String> dead = new HashSet<>();
    private final List<Visitor> visitors = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // each test starts one
    private ClusterKit cluster;

    /** Two gates of the next join handler. */
    private volatile CountDownLatch beforeRead = new CountDownLatch(0);

    private volatile CountDownLatch afterRead = new CountDownLatch(0);

    /** {@code -Dheliodor.joins.seeds=10000} runs more, {@code -Dheliodor.seed=17} that one alone. */
    static LongStream seeds() {
        long only = Long.getLong("heliodor.seed", 0);
        return only > 0 ? LongStream.of(only) : LongStream.rangeClosed(1, Long.getLong("heliodor.joins.seeds", 20));
    }

    private JoinOutcome<String> join(Join<Object> join) throws InterruptedException {
        CountDownLatch after = afterRead;
        beforeRead.await();
        State state;
        String position;
        synchronized (numbers) {
            state = new State(Map.copyOf(numbers));
            position = join.position();
        }
        after.await();
        return Join.ok("a", state).since(position);
    }

    private void serve(String node) {
        numbers.put(node, 0);
        UserSocket<Object> socket = UserSocket.open()
                .channel(
                        "state:*",
                        Channel.join(this::join)
                                .history(History.of(KEPT, Duration.ofHours(1), BUMPED))
                                .build())
                .build();
        servers.put(
                node,
                ChannelKit.builder(socket).pubsub(cluster.node(node).pubsub()).start());
    }

    private void bump(String node) {
        synchronized (numbers) {
            int v = numbers.merge(node, 1, Integer::sum);
            servers.get(node).channels().broadcast(TOPIC, BUMPED, new Bumped(node, v));
        }
    }

    private void pass(int tenths) {
        for (int i = 0; i < tenths; i++) {
            cluster.advance(Duration.ofMillis(100));
            servers.values().forEach(server -> server.advance(Duration.ofMillis(100)));
        }
    }

    /** A client that follows the numbers. */
    private final class Visitor {
        private final Map<String, Integer> shown = new HashMap<>();

        /** The numbers of other nodes in its last state, whose broadcasts may not have been at its node yet. */
        private final Map<String, Integer> ahead = new HashMap<>();

        private boolean missed;
        private String node = "";
        private TestClient client;
        private TestChannel channel;

        private void comes(Random random, List<String> living) {
            node = living.get(random.nextInt(living.size()));
            ChannelKit server = servers.get(node);
            TestClient next = server.connect();
            TestChannel before = channel;
            beforeRead = new CountDownLatch(random.nextInt(2));
            CountDownLatch read = beforeRead;
            afterRead = new CountDownLatch(random.nextInt(2));
            CountDownLatch reply = afterRead;
            CompletableFuture<TestChannel> joining =
                    cluster.async(() -> before == null ? next.join(TOPIC) : next.rejoin(before));
            bumps(random, living);
            read.countDown();
            bumps(random, living);
            reply.countDown();
            cluster.await(() -> {
                pass(1);
                return joining.isDone();
            });
            client = next;
            channel = joining.join();
            if (!channel.recovered()) {
                missed = false;
                shown.clear();
                shown.putAll(channel.reply(State.class).numbers());
                ahead.clear();
                ahead.putAll(shown);
                ahead.remove(node);
            }
            takes();
        }

        private void bumps(Random random, List<String> living) {
            for (int i = random.nextInt(4); i > 0; i--) {
                bump(living.get(random.nextInt(living.size())));
            }
            pass(random.nextInt(2));
        }

        private void takes() {
            for (TestChannel.Taken<Bumped> taken : channel.takeAll(BUMPED)) {
                Bumped each = taken.payload();
                int before = shown.getOrDefault(each.node(), 0);
                missed |= taken.ref().filter(ref -> ref.endsWith("~")).isPresent();
                boolean again = each.v() <= ahead.getOrDefault(each.node(), 0);
                if (!again && !missed && !dead.contains(each.node())) {
                    assertThat(each.v())
                            .as("%s at %s after %s", each, node, shown)
                            .isEqualTo(before + 1);
                }
                shown.merge(each.node(), each.v(), Math::max);
            }
        }

        /** If its node has missed messages that are not kept any more, it gets the state anew. */
        private void recoversFromGap(Random random, List<String> living) {
            if (missed) {
                missed = false;
                isCutOff();
                channel = null;
                comes(random, living);
            }
        }

        private void isCutOff() {
            client.drop();
            takes();
        }

        private Map<String, Integer> living() {
            takes();
            Map<String, Integer> living = new TreeMap<>(shown);
            living.keySet().removeAll(dead);
            return living;
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void eachClientEndsWithTheNumbersOfTheServers(long seed) {
        Random random = new Random(seed);
        try (ClusterKit started =
                ClusterKit.builder().nodes(NODES.toArray(String[]::new)).start()) {
            cluster = started;
            NODES.forEach(this::serve);
            List<String> living = new ArrayList<>(NODES);
            for (int i = 0; i < CLIENTS; i++) {
                visitors.add(new Visitor());
                visitors.getLast().comes(random, living);
            }
            for (int i = 0; i < ACTIONS; i++) {
                act(random, living);
            }
            living.forEach(this::bump);
            cluster.await(() -> {
                pass(1);
                Map<String, Integer> expected = new TreeMap<>(numbers);
                expected.keySet().removeAll(dead);
                return visitors.stream().allMatch(each -> each.living().equals(expected) || each.missed);
            });
            servers.values().forEach(ChannelKit::close);
        }
    }

    private void act(Random random, List<String> living) {
        visitors.forEach(each -> each.recoversFromGap(random, living));
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4, 5, 6 -> {
                Visitor one = visitors.get(random.nextInt(CLIENTS));
                one.isCutOff();
                for (int i = random.nextInt(2 * KEPT); i > 0; i--) {
                    bump(living.get(random.nextInt(living.size())));
                }
                one.comes(random, living);
            }
            case 7 -> {
                if (living.size() == NODES.size() && random.nextBoolean()) {
                    dies(random, living);
                }
            }
            case 8, 9 -> pass(random.nextInt(30));
            default -> bump(living.get(random.nextInt(living.size())));
        }
    }

    private void dies(Random random, List<String> living) {
        String node = living.remove(random.nextInt(living.size()));
        cluster.crash(node);
        dead.add(node);
        List<Visitor> moving =
                visitors.stream().filter(each -> each.node.equals(node)).toList();
        moving.forEach(Visitor::isCutOff);
        servers.remove(node).close();
        cluster.await(() -> {
            pass(1);
            return living.stream()
                    .allMatch(each -> cluster.node(each).membership().peers().size() == living.size() - 1);
        });
        moving.forEach(each -> each.comes(random, living));
    }
}
