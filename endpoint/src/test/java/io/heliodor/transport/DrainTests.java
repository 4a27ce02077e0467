package io.heliodor.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.RecordedLog;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.event.Level;

/** The order and the times of closes, with a clock that the test advances. */
class DrainTests {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final EmbeddedChannel clock = new EmbeddedChannel();
    private final List<Integer> closed = new ArrayList<>();
    private final List<Integer> forced = new ArrayList<>();

    /** The connections whose messages are not handled yet. */
    private final Set<Integer> busy = new HashSet<>();

    private final Set<Integer> left = new HashSet<>();
    private final AtomicBoolean hooksRun = new AtomicBoolean();
    private final AtomicInteger done = new AtomicInteger();

    @BeforeEach
    void stopTheClock() {
        clock.freezeTime();
    }

    @AfterEach
    void end() {
        clock.finishAndReleaseAll();
    }

    private void start(int here, int all, Duration window) {
        Queue<Integer> open = new ArrayDeque<>(IntStream.range(0, here).boxed().toList());
        new Drain<>(
                        clock.eventLoop(),
                        open,
                        all,
                        window,
                        TIMEOUT,
                        left::contains,
                        this::drain,
                        forced::add,
                        hooksRun::get,
                        done::incrementAndGet)
                .step();
    }

    private void drain(int connection) {
        closed.add(connection);
        if (!busy.contains(connection)) {
            left.add(connection);
        }
    }

    private void pass(Duration time) {
        clock.advanceTimeBy(time.toMillis(), TimeUnit.MILLISECONDS);
        clock.runScheduledPendingTasks();
    }

    @Test
    void manyConnectionsAreClosedEvenlyOverTheWindowInTheirOrder() {
        start(10_000, 20_000, Duration.ofSeconds(2));
        for (int step = 1; step <= 40; step++) {
            assertThat(closed).as("after step " + step).hasSize(step * 250);
            assertThat(done).hasValue(step == 40 ? 1 : 0);
            pass(Duration.ofMillis(49));
            assertThat(closed).hasSize(step * 250);
            pass(Duration.ofMillis(1));
        }
        assertThat(closed).isSorted();
        pass(Duration.ofSeconds(1));
        assertThat(done).hasValue(1);
    }

    @Test
    void aDelayedLoopClosesLaterAndNotMoreAtOnce() {
        start(1_000, 1_000, Duration.ofSeconds(1));
        assertThat(closed).hasSize(50);
        pass(Duration.ofMillis(900));
        assertThat(closed).hasSize(100);
        pass(Duration.ofMillis(50));
        assertThat(closed).hasSize(150);
    }

    @ParameterizedTest
    @CsvSource({"100,100,86400000", "40,100,86400000", "101,101,0", "1,500,49"})
    void fewConnectionsOrAllWithoutAWindowAreClosedAtOnce(int here, int all, long windowMillis) {
        start(here, all, Duration.ofMillis(windowMillis));
        assertThat(closed).hasSize(here);
        assertThat(done).hasValue(1);
    }

    @Test
    void fewerConnectionsThanStepsAreClosedOneByOne() {
        start(3, 101, Duration.ofSeconds(10));
        assertThat(closed).containsExactly(0);
        pass(Duration.ofMillis(50));
        assertThat(closed).containsExactly(0, 1);
        pass(Duration.ofMillis(50));
        assertThat(closed).containsExactly(0, 1, 2);
        assertThat(done).hasValue(1);
    }

    @Test
    void theDrainDoesNotWaitForClientsThatHaveLeft() {
        start(200, 200, Duration.ofSeconds(5));
        assertThat(closed).containsExactly(0, 1);
        IntStream.range(2, 100).forEach(left::add);
        pass(Duration.ofMillis(50));
        assertThat(closed).containsExactly(0, 1, 100, 101);
        IntStream.range(102, 200).forEach(left::add);
        pass(Duration.ofMillis(50));
        assertThat(closed).containsExactly(0, 1, 100, 101);
        assertThat(done).hasValue(1);
    }

    @Test
    void aConnectionThatCannotBeClosedKeepsNoOtherOpen() {
        RecordedLog.clear();
        Queue<Integer> open = new ArrayDeque<>(IntStream.range(0, 200).boxed().toList());
        Consumer<Integer> close = each -> {
            drain(each);
            if (each % 50 == 0) {
                throw new StackOverflowError("on purpose");
            }
        };
        new Drain<>(
                        clock.eventLoop(),
                        open,
                        200,
                        Duration.ofMillis(100),
                        TIMEOUT,
                        left::contains,
                        close,
                        forced::add,
                        hooksRun::get,
                        done::incrementAndGet)
                .step();
        assertThat(closed).hasSize(100);
        pass(Duration.ofMillis(50));
        assertThat(closed).hasSize(200);
        assertThat(done).hasValue(1);
        assertThat(RecordedLog.lines(Level.ERROR, "could not be closed")).hasSize(4);
    }

    @Test
    void theDrainWaitsForLeaveHooks() {
        hooksRun.set(true);
        start(3, 3, Duration.ZERO);
        assertThat(closed).hasSize(3);
        pass(Duration.ofMillis(9_900));
        assertThat(done).hasValue(0);
        hooksRun.set(false);
        pass(Duration.ofMillis(50));
        assertThat(done).hasValue(1);
    }

    @Test
    void aLeaveHookThatDoesNotReturnDelaysTheDrainByTenSeconds() {
        RecordedLog.clear();
        hooksRun.set(true);
        start(3, 3, Duration.ZERO);
        for (int step = 1; step <= 199; step++) {
            pass(Duration.ofMillis(50));
        }
        assertThat(done).hasValue(0);
        pass(Duration.ofMillis(50));
        assertThat(done).hasValue(1);
        assertThat(RecordedLog.lines(Level.WARN, "leave hooks still run 10 s")).hasSize(1);
    }

    @Test
    void theDrainWaitsForMessagesThatWereRead() {
        busy.addAll(Set.of(1, 2));
        start(3, 3, Duration.ZERO);
        pass(Duration.ofMillis(500));
        left.add(1);
        pass(Duration.ofMillis(500));
        assertThat(done).hasValue(0);
        left.add(2);
        pass(Duration.ofMillis(50));
        assertThat(done).hasValue(1);
        assertThat(forced).isEmpty();
    }

    @Test
    void connectionsWhoseMessagesAreNotHandledAreClosedTenSecondsAfterTheLastTurn() {
        RecordedLog.clear();
        busy.addAll(Set.of(0, 149));
        start(150, 150, Duration.ofSeconds(1));
        for (int step = 1; step <= 217; step++) {
            pass(Duration.ofMillis(50));
        }
        assertThat(done).hasValue(0);
        pass(Duration.ofMillis(50));
        assertThat(done).hasValue(1);
        assertThat(forced).startsWith(0).endsWith(149);
    }

    @Test
    void aLoopWithoutClientsIsDoneAtOnce() {
        start(0, 500, Duration.ofSeconds(10));
        assertThat(closed).isEmpty();
        assertThat(done).hasValue(1);
    }
}
