package io.heliodor.session.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The budget of an endpoint and the memory of a connection. */
class ConnectionMemoryTests {
    private static final int KIB = 1 << 10;

    private final MemoryBudget budget = new MemoryBudget(1 << 20);
    private final ConnectionMemory memory = new ConnectionMemory(budget);

    @Test
    void smallTrafficDoesNotTouchTheBudget() {
        for (int i = 0; i < 100; i++) {
            assertThat(memory.add(3_000)).isEqualTo(3_000);
            assertThat(budget.used()).isZero();
            memory.release(3_000);
            assertThat(memory.held()).isZero();
        }
    }

    @Test
    void bytesThatOnlyReadingFreesCountButDoNotPauseReading() {
        memory.add(KIB);
        memory.unread(100 * KIB);
        assertThat(memory.held()).isEqualTo(101 * KIB);
        assertThat(budget.used()).isEqualTo(101 * KIB);
        assertThat(memory.transientBytes()).isEqualTo(KIB);
        memory.unread(20 * KIB);
        assertThat(memory.held()).isEqualTo(21 * KIB);
        memory.unread(0);
        assertThat(memory.held()).isEqualTo(KIB);
        assertThat(memory.transientBytes()).isEqualTo(KIB);
    }

    @Test
    void theBudgetFollowsInSteps() {
        memory.add(100 * KIB);
        assertThat(budget.used()).isEqualTo(100 * KIB);
        memory.add(1);
        assertThat(budget.used()).isEqualTo(100 * KIB);
        memory.release(10 * KIB);
        assertThat(budget.used()).isEqualTo(100 * KIB);
        memory.release(10 * KIB);
        assertThat(budget.used()).isEqualTo(80 * KIB + 1);
    }

    /** No sweep may come for a minute. */
    @Test
    void theLastBytesOfWhatASweepHasCountedAreSettledAtOnce() {
        memory.addPresence(3 * KIB, 4 * KIB);
        memory.add(KIB);
        memory.settleExactly();
        memory.release(KIB);
        assertThat(budget.used()).isEqualTo(3 * KIB);
        memory.releasePresence(3 * KIB);
        assertThat(budget.used()).isZero();
    }

    @Test
    void afterTheEndEachReleaseReachesTheBudget() {
        memory.add(10 * KIB);
        memory.end();
        memory.release(KIB);
        assertThat(budget.used()).isEqualTo(9 * KIB);
        memory.release(9 * KIB);
        assertThat(budget.used()).isZero();
    }

    @Test
    void nothingIsLeftOfManyThreads() throws InterruptedException {
        for (int round = 0; round < 50; round++) {
            var one = new ConnectionMemory(budget);
            List<Thread> threads = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < 500; i++) {
                        one.add(20 * KIB);
                        one.release(20 * KIB);
                    }
                }));
            }
            one.end();
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(budget.used()).as("bytes left after round %d", round).isZero();
        }
    }

    @Test
    void sharedBytesCountOnceUntilTheirLastHolderReleasesThem() {
        var shared = new SharedMemory(budget, 1_000);
        shared.retain();
        shared.retain();
        assertThat(budget.used()).isEqualTo(1_000);
        shared.release();
        assertThat(budget.used()).isEqualTo(1_000);
        shared.release();
        assertThat(budget.used()).isZero();
    }

    @Test
    void theBudgetIsTightFromThreeQuartersOn() {
        budget.add(768 * KIB - 1);
        assertThat(budget.tight()).isFalse();
        assertThat(budget.excess()).isZero();
        budget.add(1);
        assertThat(budget.tight()).isTrue();
        assertThat(budget.excess()).isEqualTo(1);
        assertThat(budget.exhausted()).isFalse();
        budget.add(256 * KIB);
        assertThat(budget.exhausted()).isTrue();
    }
}
