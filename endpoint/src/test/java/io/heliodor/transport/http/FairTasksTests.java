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

    /** A task whose next one starts on its own thread. */
    record Work(Runnable action, Runnable refusal) implements FairTasks.Task {
        @Override
        public void inLaterTurn(Runnable next) {
            next.run();
        }

        @Override
        public void work() {
            action.run();
        }

        @Override
        public void refused() {
            refusal.run();
        }
    }

    private Work work(Runnable work, String name) {
        return new Work(work, () -> ran.add(name + " refused"));
    }

    private Work adds(String name) {
        return work(() -> ran.add(name), name);
    }

    private Work fails() {
        return work(
                () -> {
                    throw new IllegalStateException("asked to fail");
                },
                "fails");
    }

    private void run(String address, String name) throws UnknownHostException {
        tasks.run(
                InetAddress.getByName(address),
                work(
                        () -> {
                            gate.acquireUninterruptibly();
                            ran.add(name);
                        },
                        name));
    }

    @Test
    void addressesTakeTurns() throws Exception {
        for (int i = 0; i < 4; i++) {
            run("192.0.2.1", "a" + i);
        }
        run("192.0.2.2", "b0");
        run("2001:db8::1", "c0");
        run("2001:db8::2", "c1");
        gate.release(7);
        await().untilAsserted(() -> assertThat(ran).hasSize(7));
        assertThat(ran).containsExactly("a0", "a1", "b0", "c0", "a2", "c1", "a3");
        assertThat(tasks.waiting()).isZero();
    }

    @Test
    void anAddressWithTooManyWaitingTasksIsRefusedAndAnotherIsNot() throws Exception {
        run("192.0.2.1", "runs");
        for (int i = 0; i < 256; i++) {
            run("192.0.2.1", "waits");
        }
        run("192.0.2.1", "refused");
        run("192.0.2.2", "other");
        gate.release(2);
        await().untilAsserted(() -> assertThat(tasks.waiting()).isEqualTo(255));
        gate.release(256);
        await().untilAsserted(() -> assertThat(ran).hasSize(259).contains("other"));
        assertThat(ran).contains("refused refused").doesNotContain("refused");
    }

    @Test
    void aTaskThatFailsGivesUpItsTurn() throws Exception {
        run("192.0.2.1", "first");
        tasks.run(InetAddress.getByName("192.0.2.1"), fails());
        run("192.0.2.1", "last");
        gate.release(2);
        await().dontCatchUncaughtExceptions()
                .untilAsserted(() -> assertThat(ran).containsExactly("first", "last"));
    }

    @Test
    void aTaskThatWaitsMayBeRemoved() throws Exception {
        InetAddress address = InetAddress.getByName("192.0.2.1");
        run("192.0.2.1", "runs");
        FairTasks.Task removed = work(() -> ran.add("removed"), "removed");
        tasks.run(address, removed);
        run("192.0.2.1", "waits");
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
        assertThatThrownBy(() -> failing.run(address, adds("first"))).isInstanceOf(OutOfMemoryError.class);
        failing.run(address, adds("second"));
        await().untilAsserted(() -> assertThat(ran).containsExactly("second"));
    }

    @Test
    void waitingTasksAreRefusedWhileNoThreadCanBeStartedForThem() throws Exception {
        InetAddress address = InetAddress.getByName("192.0.2.1");
        failing.run(address, work(gate::acquireUninterruptibly, "gate"));
        failing.run(address, adds("first"));
        failing.run(address, adds("second"));
        failing.run(address, adds("third"));
        failures.set(2);
        gate.release();
        await().untilAsserted(() -> assertThat(ran).containsExactly("first refused", "second refused", "third"));
        failing.run(address, adds("another"));
        await().untilAsserted(() -> assertThat(ran).endsWith("another"));
    }
}
