package io.heliodor.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.event.Event;
import io.heliodor.pubsub.PubSub;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several threads that change the same groups. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GroupRaceTests {
    private static final int THREADS = 4;
    private static final int ROUNDS = 200;
    private static final int LOOKS = 50_000;
    private static final List<String> NAMES =
            IntStream.range(0, 800).mapToObj(i -> "group " + i).toList();

    /** Interrupted at the end, so that a failure leaves none of them running. */
    @AutoClose("shutdownNow")
    private final ExecutorService threads = Executors.newCachedThreadPool();

    private final Groups groups = FakeChannels.groups();

    /** Runs a task on all threads at the same time and returns their results. */
    private <R> List<R> atOnce(Callable<R> task) throws Exception {
        var barrier = new CyclicBarrier(THREADS);
        List<Future<R>> all = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            all.add(threads.submit(() -> {
                barrier.await(30, TimeUnit.SECONDS);
                return task.call();
            }));
        }
        List<R> results = new ArrayList<>();
        for (Future<R> each : all) {
            results.add(each.get(30, TimeUnit.SECONDS));
        }
        return results;
    }

    @Test
    void oneOfTheThreadsThatCreateANameSucceeds() throws Exception {
        List<List<String>> created =
                atOnce(() -> NAMES.stream().filter(this::creates).toList());
        assertThat(created.stream().flatMap(List::stream)).containsExactlyInAnyOrderElementsOf(NAMES);
        assertThat(groups.names()).containsExactlyInAnyOrderElementsOf(NAMES);
    }

    private boolean creates(String name) {
        try {
            groups.create(name);
            return true;
        } catch (GroupException.Exists e) {
            return false;
        }
    }

    @Test
    void threadsThatEnsureOneNameGetTheSameGroup() throws Exception {
        List<Group> first = List.of();
        for (List<Group> each : atOnce(() -> NAMES.stream().map(groups::ensure).toList())) {
            first = first.isEmpty() ? each : first;
            assertThat(each).isEqualTo(first);
        }
        assertThat(first).extracting(Group::name).isEqualTo(NAMES);
    }

    @Test
    void noChangeIsLostAndNoLimitIsPassed() throws Exception {
        Group all = groups.create("all");
        Group few = FakeChannels.groups(PubSub.local(), new FakeChannels(), new GroupLimits(1, 3))
                .create("few");
        var ids = new AtomicInteger();
        atOnce(() -> {
            int id = ids.incrementAndGet();
            for (int round = 0; round < ROUNDS; round++) {
                all.add(id + ":" + round).add(id + ":gone").remove(id + ":gone");
                try {
                    few.add(id + ":" + round);
                } catch (GroupException.Full e) {
                    assertThat(few.topics()).hasSize(3);
                }
            }
            return id;
        });
        assertThat(all.topics())
                .containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1, THREADS)
                        .boxed()
                        .flatMap(id -> IntStream.range(0, ROUNDS).mapToObj(round -> id + ":" + round))
                        .toList());
        assertThat(few.topics()).hasSize(3);
    }

    @Test
    void readersSeeAllTopicsOfOneChangeAtOnce() throws Exception {
        var over = new AtomicBoolean();
        var looks = new AtomicInteger();
        List<String> pair = List.of("left", "right");
        List<Set<String>> torn = Collections.synchronizedList(new ArrayList<>());
        FakeChannels channels = new FakeChannels() {
            @Override
            public <T> void broadcast(Collection<String> topics, Event<T> event, T payload) {
                look(topics);
            }

            private void look(Collection<String> topics) {
                var seen = new ArrayList<String>();
                for (String topic : topics) {
                    seen.add(topic);
                }
                if (!seen.isEmpty() && !seen.equals(pair)) {
                    torn.add(Set.copyOf(topics));
                }
                looks.incrementAndGet();
            }
        };
        Group group = FakeChannels.groups(PubSub.local(), channels, GroupLimits.defaults())
                .create("pair");
        List<Future<?>> readers = IntStream.range(0, THREADS)
                .<Future<?>>mapToObj(i -> threads.submit(() -> {
                    while (!over.get() && !Thread.currentThread().isInterrupted()) {
                        group.broadcast(FakeChannels.NOTICE, new FakeChannels.Notice("look"));
                    }
                }))
                .toList();
        while (looks.get() < LOOKS) {
            group.addAll(pair);
            group.removeAll(pair);
        }
        over.set(true);
        for (Future<?> reader : readers) {
            reader.get(30, TimeUnit.SECONDS);
        }
        assertThat(torn).isEmpty();
    }

    @Test
    void aDeletionEndsTheGroupForAllThreads() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Group group = groups.create("staff");
            var deleters = new AtomicInteger();
            List<Integer> added = atOnce(() -> {
                if (groups.delete("staff")) {
                    deleters.incrementAndGet();
                    return refuses(group) ? 0 : -1;
                }
                int count = 0;
                while (!refuses(group) && !Thread.currentThread().isInterrupted()) {
                    count++;
                }
                return count;
            });
            assertThat(deleters).hasValue(1);
            assertThat(added).doesNotContain(-1);
            assertThat(groups.create("staff").topics()).isEmpty();
            groups.delete("staff");
        }
    }

    private static boolean refuses(Group group) {
        try {
            group.add("a").remove("a");
            return false;
        } catch (GroupException.Deleted e) {
            return true;
        }
    }
}
