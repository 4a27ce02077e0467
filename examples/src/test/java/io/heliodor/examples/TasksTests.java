package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.UserSocket;
import io.heliodor.examples.Tasks.Rename;
import io.heliodor.examples.Tasks.State;
import io.heliodor.examples.Tasks.Task;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.TestChannel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** The list of tasks, whose pages get its state while it changes. */
class TasksTests {
    private static final int JOINS = 500;
    private static final long WINDOW = 100_000;

    /** One task. A read may be held up between its result and its return. */
    private static final class Memory implements Tasks.Store {
        private final AtomicReference<Task> task = new AtomicReference<>(new Task(1, ""));
        private final Semaphore reads = new Semaphore(0);
        private volatile CountDownLatch held = new CountDownLatch(0);

        @Override
        public List<Task> read(String list) {
            List<Task> read = List.of(task.get());
            reads.release();
            LockSupport.parkNanos(WINDOW); // for a change between the read and its use
            try {
                held.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return read;
        }

        @Override
        public Task rename(String list, Rename rename) {
            return task.updateAndGet(before -> new Task(before.id(), rename.title()));
        }
    }

    private final Memory store = new Memory();
    private final UserSocket<Object> socket =
            UserSocket.open().channel("list:*", Tasks.channel(store)).build();

    @Test
    void aChangeDuringAJoinFollowsTheState() throws InterruptedException {
        try (ChannelKit kit = ChannelKit.start(socket)) {
            TestChannel ann = kit.connect().join("list:1");
            store.held = new CountDownLatch(1);
            CompletableFuture<TestChannel> joining =
                    CompletableFuture.supplyAsync(() -> kit.connect().join("list:1"));
            assertThat(store.reads.tryAcquire(2, 20, TimeUnit.SECONDS)).isTrue();
            ann.call(Tasks.RENAME, new Rename(1, "Paint the door"));
            store.held.countDown();
            TestChannel ben = joining.join();
            assertThat(ben.reply(State.class).tasks()).containsExactly(new Task(1, ""));
            assertThat(ben.expectNext(Tasks.CHANGED)).isEqualTo(new Task(1, "Paint the door"));
        }
    }

    @Test
    void aPageThatJoinsWhileATaskChangesEndsWithItsLastTitle() throws InterruptedException {
        try (ChannelKit kit = ChannelKit.start(socket)) {
            TestChannel ann = kit.connect().join("list:1");
            for (int n = 1; n <= JOINS; n++) {
                Rename rename = new Rename(1, "title " + n);
                Thread renaming = Thread.ofVirtual().start(() -> ann.call(Tasks.RENAME, rename));
                TestChannel page = kit.connect().join("list:1");
                renaming.join();
                Task last = store.task.get();
                Task shown = page.reply(State.class).tasks().getFirst();
                if (!shown.equals(last)) {
                    shown = page.expect(Tasks.CHANGED);
                }
                assertThat(shown).isEqualTo(last);
                page.client().disconnect();
            }
        }
    }
}
