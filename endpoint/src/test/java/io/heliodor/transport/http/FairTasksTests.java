package io.heliodor.transport.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.heliodor.transport.io.BlockingTasks;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class FairTasksTests {
    private final FairTasks tasks = new FairTasks(1);
    private final Semaphore gate = new Semaphore(0);
    private final List<String> ran = new CopyOnWriteArrayList<>();

    /** The number of threads that cannot be started. */
    private final AtomicInteger failures = new AtomicInteger();

    private final FairTasks failing = new FairTasks(1, task -> {
        if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new OutOfMemoryError("on purpose");
        }
        BlockingTasks.start(task);
    });

    private boolean run(String address, String name) throws UnknownHostException {
        return tasks.run(InetAddress.getByName(address), () -> {
            gate.acquireUninterruptibly();
            ran.add(name);
        });
    }

    @Test
    void addressesTakeTurns() throws Exception {
        for (int i = 0; i < 4; i++) {
            assertThat(run("192.0.2.1", "a" + i)).isTrue();
        }
        assertThat(run("192.0.2.2", "b0")).isTrue();
        assertThat(run("2001:db8::1", "c0")).isTrue();
        assertThat(run("2001:db8::2", "c1")).isTrue();
        gate.release(7);
        await().untilAsserted(() -> assertThat(ran).hasSize(7));
        assertThat(ran).containsExactly("a0", "a1", "b0", "c0", "a2", "c1", "a3");
        assertThat(tasks.waiting()).isZero();
    }

    @Test
    void anAddressWithTooManyWaitingTasksIsRefusedAndAnotherIsNot() throws Exception {
        assertThat(run("192.0.2.1", "runs")).isTrue();
        for (int i = 0; i < 256; i++) {
            assertThat(run("192.0.2.1", "waits")).isTrue();
        }
        assertThat(run("192.0.2.1", "refused")).isFalse();
        assertThat(run("192.0.2.2", "other")).isTrue();
        gate.release(2);
        await().untilAsserted(() -> assertThat(tasks.waiting()).isEqualTo(255));
        gate.release(256);
        await().untilAsserted(() -> assertThat(ran).hasSize(258).contains("other"));
    }

    @Test
    void aTaskThatFailsGivesUpItsTurn() throws Exception {
        assertThat(run("192.0.2.1", "first")).isTrue();
        assertThat(tasks.run(InetAddress.getByName("192.0.2.1"), () -> {
                    throw new IllegalStateException("asked to fail");
                }))
                .isTrue();
        assertThat(run("192.0.2.1", "last")).isTrue();
        gate.release(2);
        await().dontCatchUncaughtExceptions()
                .untilAsserted(() -> assertThat(ran).containsExactly("first", "last"));
    }

    @Test
    void aTaskThatWaitsMayBeRemoved() throws Exception {
        InetAddress address = InetAddress.getByName("192.0.2.1");
        assertThat(run("192.0.2.1", "runs")).isTrue();
        Runnable removed = () -> ran.add("removed");
        assertThat(tasks.run(address, removed)).isTrue();
        assertThat(run("192.0.2.1", "waits")).isTrue();
        assertThat(tasks.remove(address, removed)).isTrue();
        assertThat(tasks.remove(address, removed)).isFalse();
        assertThat(tasks.remove(InetAddress.getByName("192.0.2.2"), removed)).isFalse();
        assertThat(tasks.waiting()).isEqualTo(1);
        gate.release(2);
        await().untilAsserted(() -> assertThat(ran).containsExactly("runs", "waits"));
        assertThat(tasks.waiting()).isZero();
    }

    @Test
    void aThreadThatCannotBeStartedTakesNoTurn() throws Exception {
        InetAddress address = InetAddress.getByName("192.0.2.1");
        failures.set(1);
        assertThatThrownBy(() -> failing.run(address, () -> ran.add("first"))).isInstanceOf(OutOfMemoryError.class);
        assertThat(failing.run(address, () -> ran.add("second"))).isTrue();
        await().untilAsserted(() -> assertThat(ran).containsExactly("second"));
    }

    @Test
    void waitingTasksRunThoughNoThreadCanBeStartedForThem() throws Exception {
        InetAddress address = InetAddress.getByName("192.0.2.1");
        assertThat(failing.run(address, gate::acquireUninterruptibly)).isTrue();
        assertThat(failing.run(address, () -> ran.add("first"))).isTrue();
        assertThat(failing.run(address, () -> {
                    throw new IllegalStateException("asked to fail");
                }))
                .isTrue();
        assertThat(failing.run(address, () -> ran.add("last"))).isTrue();
        failures.set(3);
        gate.release();
        await().untilAsserted(() -> assertThat(ran).containsExactly("first", "last"));
        assertThat(failing.run(address, () -> ran.add("another"))).isTrue();
        await().untilAsserted(() -> assertThat(ran).containsExactly("first", "last", "another"));
    }
}
