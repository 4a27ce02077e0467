package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.SessionLink;
import io.heliodor.presence.Owner;
import io.heliodor.presence.Presence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Presences on three nodes while the cluster has faults of all kinds: after them all nodes have the same users. */
class PresenceChaosTests {
    private static final int ROUNDS = 12;
    private static final int TOPICS = 4;

    /** Of the odd seeds: while messages to a node are held, its queue becomes full, and deltas are dropped. */
    private static final int SMALL_CAPACITY = 8 << 10;

    record Here(int number) {}

    /** One seed. */
    private static final class Run implements AutoCloseable {
        private final Random random;
        private final ClusterKit cluster;
        private final Chaos chaos;

        /** Of the present incarnation of each node. */
        private final Map<String, Presence<Here>> presences = new HashMap<>();

        private final Map<String, Map<String, Owner>> owners = new TreeMap<>();
        private final List<String> story = new ArrayList<>();

        Run(long seed) {
            random = new Random(seed);
            cluster = ClusterKit.builder()
                    .nodes("a@host", "b@host", "c@host")
                    .seed(seed)
                    .capacity(seed % 2 == 0 ? SessionLink.CAPACITY : SMALL_CAPACITY)
                    .patience(Duration.ofMinutes(1))
                    .start();
            chaos = cluster.chaos(seed);
            cluster.nodes().forEach(this::begin);
        }

        private void begin(String node) {
            presences.put(node, Presence.over(cluster.node(node).pubsub(), Here.class));
            owners.put(node, new TreeMap<>());
        }

        void run() {
            for (int round = 0; round < ROUNDS; round++) {
                followFaults(chaos.next());
                for (int i = random.nextInt(40); i > 0; i--) {
                    change();
                }
                cluster.advance(Duration.ofMillis(random.nextInt(12_000)));
            }
            chaos.end();
            for (String node : cluster.nodes()) {
                if (!presences.containsKey(node)) {
                    begin(node);
                }
            }
            cluster.await(this::agreed);
        }

        private void followFaults(String fault) {
            story.add(fault);
            String[] words = fault.split(" ", -1);
            if (words[0].equals("crash")) {
                presences.remove(words[1]);
                owners.remove(words[1]);
            } else if (words[0].equals("restart")) {
                begin(words[1]);
            }
        }

        private void change() {
            List<String> nodes =
                    presences.keySet().stream().filter(cluster::runs).sorted().toList();
            if (nodes.isEmpty()) {
                return;
            }
            String node = nodes.get(random.nextInt(nodes.size()));
            Map<String, Owner> own = owners.get(node);
            String topic = "room:" + random.nextInt(TOPICS);
            String key = "user " + random.nextInt(30);
            Owner present = own.remove(topic + " " + key);
            if (present == null) {
                Owner owner = Owner.of(topic);
                presences.get(node).track(owner, key, new Here(random.nextInt()));
                own.put(topic + " " + key, owner);
            } else if (random.nextInt(3) == 0) {
                presences.get(node).update(present, key, here -> new Here(here.number() + 1));
                own.put(topic + " " + key, present);
            } else {
                present.close();
            }
        }

        private boolean agreed() {
            Map<String, Integer> expected = new TreeMap<>();
            owners.values().forEach(own -> own.keySet().forEach(place -> expected.merge(place, 1, Integer::sum)));
            return cluster.nodes().stream().allMatch(node -> expected.equals(seen(node)));
        }

        /** The number of metadata of each key on each topic. */
        private Map<String, Integer> seen(String node) {
            Map<String, Integer> seen = new TreeMap<>();
            for (int i = 0; i < TOPICS; i++) {
                String topic = "room:" + i;
                presences.get(node).list(topic).forEach((key, metas) -> seen.put(topic + " " + key, metas.size()));
            }
            return seen;
        }

        @Override
        public void close() {
            cluster.close();
        }

        @Override
        public String toString() {
            Map<String, Object> seen = new TreeMap<>();
            presences
                    .keySet()
                    .forEach(node -> seen.put(
                            node,
                            new TreeSet<>(seen(node).entrySet().stream()
                                    .map(Object::toString)
                                    .toList())));
            return story + "\nowned "
                    + owners.values().stream().map(Map::keySet).toList() + "\nseen " + seen;
        }
    }

    /** {@code -Dheliodor.threads.seeds=10000} runs more of them, {@code -Dheliodor.seed=17} only that one. */
    @Test
    @Timeout(10_000)
    void allSeeTheSameInAnyOrderOfThreads() throws Exception {
        Seeds.run(60, 10_000, this::allSeeTheSameAfterTheFaults);
    }

    static LongStream seeds() {
        long first = Long.getLong("heliodor.seed", 0);
        return LongStream.range(first, first + Integer.getInteger("heliodor.presences", first == 0 ? 10 : 1));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    @Timeout(120)
    void allSeeTheSameAfterTheFaults(long seed) {
        try (Run run = new Run(seed)) {
            try {
                run.run();
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + run, e);
            }
            assertThat(run.agreed()).isTrue();
        }
    }
}
