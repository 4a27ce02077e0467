package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.KeptMessages;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Event;
import io.heliodor.node.wiring.Wiring;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Nodes with members crash, pause, are cut off and return in a real cluster; in the end all histories are the same, and so
 * are the messages that members received.
 */
@Timeout(120)
class HistoryChaosTests {
    private static final List<String> NODES = List.of("a@host", "b@host", "c@host");
    private static final String ROOM = "room:1";
    private static final int ROUNDS = 8;

    record Text(String node, int incarnation, int n) {}

    static final Event<Text> SHOUT = Event.of("shout", Text.class);

    @SuppressWarnings("NullAway.Init") // each test starts one
    private ClusterKit cluster;

    private final Map<String, ChannelKit> servers = new TreeMap<>();
    /** The members of the present incarnations, and the number of messages that their logs had when they had joined. */
    private final Map<String, TestChannel> members = new TreeMap<>();

    private final Map<String, Integer> keptBefore = new HashMap<>();
    private final Map<String, Integer> incarnations = new HashMap<>();
    private final Map<String, Integer> published = new HashMap<>();

    @AfterEach
    void close() {
        servers.values().forEach(ChannelKit::close);
        if (cluster != null) {
            cluster.close();
        }
    }

    /** A server with a member, on a node that has just started. */
    private void serve(String node) {
        UserSocket<Object> socket = UserSocket.open()
                .channel(
                        "room:*",
                        Channel.join(join -> Join.ok("a"))
                                .history(History.of(10_000, Duration.ofHours(1), SHOUT))
                                .build())
                .build();
        ChannelKit server =
                ChannelKit.builder(socket).pubsub(cluster.node(node).pubsub()).start();
        servers.put(node, server);
        incarnations.merge(node, 1, Integer::sum);
        published.put(node, 0);
        CompletableFuture<TestChannel> joining =
                cluster.async(() -> server.connect().join(ROOM));
        cluster.await(() -> {
            pass(1);
            return joining.isDone();
        });
        assertThat(joining.join().recovered()).isFalse();
        members.put(node, joining.join());
        keptBefore.put(node, kept(node).size());
    }

    private void pass(int tenths) {
        for (int i = 0; i < tenths; i++) {
            cluster.advance(Duration.ofMillis(100));
            servers.values().forEach(server -> server.advance(Duration.ofMillis(100)));
        }
    }

    private void publish(String node, int times) {
        for (int i = 0; i < times; i++) {
            int n = published.merge(node, 1, Integer::sum);
            servers.get(node).channels().broadcast(ROOM, SHOUT, new Text(node, incarnations.get(node), n));
        }
    }

    private List<Text> kept(String node) {
        KeptMessages kept = servers.get(node).channels().newest(ROOM, 10_000);
        return kept.messages().reversed().stream()
                .map(message -> message.as(SHOUT).orElseThrow())
                .toList();
    }

    private boolean isWhole() {
        return NODES.stream()
                .allMatch(node -> cluster.node(node).membership().peers().size() == NODES.size() - 1);
    }

    /** A fault for a while, and after it. */
    private void round(Random random) {
        String one = NODES.get(random.nextInt(NODES.size()));
        List<String> others = NODES.stream().filter(node -> !node.equals(one)).toList();
        switch (random.nextInt(5)) {
            case 0 -> {
                cluster.crash(one);
                servers.remove(one).close();
                publishAtRandom(random, others);
                cluster.restart(one);
                serve(one);
            }
            case 1 -> {
                cluster.pause(one);
                publishAtRandom(random, others);
                cluster.resume(one);
            }
            case 2 -> {
                cluster.partition(List.of(one), others);
                publishAtRandom(random, NODES);
                cluster.heal();
            }
            case 3 -> {
                cluster.delay(one, others.get(random.nextInt(2)));
                publishAtRandom(random, NODES);
                cluster.heal();
            }
            default -> {
                cluster.oneWay(one, others.get(random.nextInt(2)));
                publishAtRandom(random, NODES);
                cluster.heal();
            }
        }
        publishAtRandom(random, NODES);
    }

    private void publishAtRandom(Random random, List<String> nodes) {
        for (int i = random.nextInt(20); i >= 0; i--) {
            publish(nodes.get(random.nextInt(nodes.size())), random.nextInt(5));
            pass(random.nextInt(10));
        }
    }

    /** {@code -Dheliodor.threads.seeds=10000} runs more of them, {@code -Dheliodor.seed=17} only that one. */
    @Test
    @Timeout(10_000)
    void allHistoriesAreTheSameInAnyOrderOfThreads() throws Exception {
        Seeds.run(25, 1_000, seed -> {
            HistoryChaosTests own = new HistoryChaosTests();
            try {
                own.allHistoriesAreTheSameInTheEnd(seed);
            } finally {
                own.close();
            }
        });
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void allHistoriesAreTheSameInTheEnd(long seed) {
        Random random = new Random(seed);
        // A queue is full after some dozens of messages, while those to a node are held. For even seeds no topic is
        // listed by its name.
        cluster = ClusterKit.builder()
                .nodes(NODES.toArray(String[]::new))
                .capacity(8 << 10)
                .maxTopics(seed % 2 == 0 ? 0 : Wiring.MAX_TOPICS)
                .patience(Duration.ofMinutes(1))
                .start();
        NODES.forEach(this::serve);
        for (int i = 0; i < ROUNDS; i++) {
            round(random);
        }
        cluster.heal();
        NODES.forEach(node -> publish(node, 1));
        cluster.await(() -> {
            pass(1);
            return isWhole();
        });
        // Without a further message the nodes detect by themselves which ones they lack.
        cluster.await(() -> {
            pass(10);
            List<Text> first = sorted(kept(NODES.getFirst()));
            return NODES.stream().allMatch(node -> sorted(kept(node)).equals(first));
        });
        for (String node : NODES) {
            Map<String, Integer> last = new HashMap<>();
            for (Text each : kept(node)) {
                String publisher = each.node() + each.incarnation();
                assertThat(each.n()).as("%s at %s", each, node).isGreaterThan(last.getOrDefault(publisher, 0));
                last.put(publisher, each.n());
            }
            // Those of the present incarnations are complete.
            for (String publisher : NODES) {
                List<Integer> numbers = new ArrayList<>();
                kept(node).stream()
                        .filter(each ->
                                each.node().equals(publisher) && each.incarnation() == incarnations.get(publisher))
                        .forEach(each -> numbers.add(each.n()));
                assertThat(numbers).as("of %s at %s", publisher, node).hasSize(published.get(publisher));
            }
            receivedAll(node);
        }
    }

    /** The member of a node received each message of the log since its join, once, in the same order, and no notice of a gap. */
    private void receivedAll(String node) {
        TestChannel member = members.get(node);
        List<Text> kept = kept(node);
        Text first = member.expectNext(SHOUT);
        int at = kept.indexOf(first);
        assertThat(at).as("the first message at %s", node).isBetween(0, keptBefore.get(node));
        for (Text next : kept.subList(at + 1, kept.size())) {
            assertThat(member.expectNext(SHOUT))
                    .as("after %s at %s", first, node)
                    .isEqualTo(next);
            first = next;
        }
        member.expectNothing();
    }

    private static List<Text> sorted(List<Text> texts) {
        return texts.stream()
                .sorted(Comparator.comparing(Text::node)
                        .thenComparingInt(Text::incarnation)
                        .thenComparingInt(Text::n))
                .toList();
    }
}
