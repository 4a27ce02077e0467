package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.presence.Owner;
import io.heliodor.presence.Presence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The simulation of threads. */
class SeededThreadsTests {
    record Here(int number) {}

    @Test
    void theSameSeedGivesTheSameOrderOfThreadsInACluster() throws Exception {
        assertThat(cluster(1)).isEqualTo(cluster(1)).isNotEqualTo(cluster(2));
    }

    private static SeededThreads.Course cluster(long seed) throws Exception {
        return SeededThreads.run(seed, () -> {
            try (ClusterKit kit = ClusterKit.builder()
                    .nodes("a@host", "b@host", "c@host")
                    .seed(seed)
                    .start()) {
                List<Presence<Here>> all = new ArrayList<>();
                for (String node : kit.nodes()) {
                    all.add(Presence.over(kit.node(node).pubsub(), Here.class));
                }
                for (int i = 0; i < 100; i++) {
                    all.get(i % 3).track(Owner.of("room:" + i % 4), "user " + i, new Here(i));
                }
                kit.await(() -> all.stream().allMatch(each -> each.size() == 100));
            }
        });
    }

    @Test
    void timePassesWhileAllThreadsWait() throws Exception {
        AtomicInteger order = new AtomicInteger();
        List<String> seen = new ArrayList<>();
        SeededThreads.Course _ = SeededThreads.run(1, () -> {
            Thread later = Thread.ofVirtual().start(() -> {
                sleep(Duration.ofHours(1));
                seen.add("later " + order.incrementAndGet());
            });
            Thread soon = Thread.ofVirtual().start(() -> seen.add("soon " + order.incrementAndGet()));
            soon.join();
            later.join();
        });
        assertThat(seen).containsExactly("soon 1", "later 2");
    }

    @Test
    void theWaitsOfKitsHaveTheTimeOfTheSimulation() throws Exception {
        SeededThreads.Course _ = SeededThreads.run(1, () -> {
            try (ClusterKit cluster = ClusterKit.builder()
                    .nodes("a@host")
                    .patience(Duration.ofSeconds(10))
                    .start()) {
                assertThat(failing(() -> cluster.await(() -> false))).isBetween(10L, 11L);
            }
        });
    }

    @Test
    void theDeadlineOfAConnectHandlerHasTheTimeOfTheSimulation() throws Exception {
        UserSocket<String> socket = UserSocket.<String>connect(_ -> {
                    new CountDownLatch(1).await();
                    return Connect.refuse();
                })
                .channel(
                        "room:*",
                        Channel.of(String.class).join(_ -> Join.refuse("none")).build())
                .build();
        SeededThreads.Course _ = SeededThreads.run(1, () -> {
            try (ChannelKit kit =
                    ChannelKit.builder(socket).deadline(Duration.ofSeconds(20)).start()) {
                assertThat(failing(kit::connect)).isBetween(20L, 21L);
            }
        });
    }

    /** The seconds of the simulation after which a wait fails. */
    private static long failing(ThrowingCallable wait) {
        KitThreads threads = KitThreads.current();
        long begin = threads.nanoTime();
        assertThatThrownBy(wait).isInstanceOf(AssertionError.class);
        return Duration.ofNanos(threads.nanoTime() - begin).toSeconds();
    }

    @Test
    void aThreadThatNeverParksFailsTheTestWithItsStack() {
        AtomicBoolean stop = new AtomicBoolean();
        try {
            assertThatThrownBy(() -> SeededThreads.run(
                            1,
                            () -> Thread.ofVirtual()
                                    .name("endless")
                                    .start(() -> spin(stop))
                                    .join(),
                            Duration.ofMillis(200)))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageStartingWith("The thread 'endless' (")
                    .hasMessageEndingWith(") did not park for 200 ms; it is here.")
                    .extracting(
                            thrown -> Stream.of(thrown.getStackTrace())
                                    .map(StackTraceElement::getMethodName)
                                    .toList(),
                            as(InstanceOfAssertFactories.list(String.class)))
                    .contains("spin");
        } finally {
            stop.set(true);
        }
    }

    private static void spin(AtomicBoolean stop) {
        while (!stop.get()) {
            Thread.onSpinWait();
        }
    }

    private static void sleep(Duration time) {
        java.util.concurrent.locks.LockSupport.parkNanos(time.toNanos());
    }
}
