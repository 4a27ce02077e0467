package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.UserSocket;
import io.heliodor.examples.Tasks.Rename;
import io.heliodor.examples.Tasks.State;
import io.heliodor.examples.Tasks.Task;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.TestChannel;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** The list of tasks, whose pages get its state while it changes. */
class TasksTests {
    private static final int JOINS = 500;
    private static final long WINDOW = 100_000;

    /** One task. A read may be held up between its result and its return. */
    private static final class Memory implements Tasks.Store {
        private final AtomicReference<Task> task = new AtomicReference<>(new Task(1, "", false, 1));
        private volatile CountDownLatch held = new CountDownLatch(0);

        @Override
        public List<Task> read(String list) {
            List<Task> read = List.of(task.get());
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
            return task.updateAndGet(before -> new Task(before.id(), rename.title(), false, before.version() + 1));
        }
    }

    private final Memory store = new Memory();
    private final UserSocket<Object> socket =
            UserSocket.open().channel("list:*", Tasks.channel(store)).build();

    @Test
    void aPageKeepsTheNewerOneOfAStateAndAnEarlierChange() {
        try (ChannelKit kit = ChannelKit.start(socket)) {
            TestChannel ann = kit.connect().join("list:1");
            ann.expect(Tasks.STATE);
            store.held = new CountDownLatch(1);
            TestChannel ben = kit.connect().join("list:1");
            ann.call(Tasks.RENAME, new Rename(1, "Paint the door"));
            Task changed = ben.expectNext(Tasks.CHANGED);
            store.held.countDown();
            State state = ben.expectNext(Tasks.STATE);
            assertThat(changed).isEqualTo(new Task(1, "Paint the door", false, 2));
            assertThat(state.tasks())
                    .allSatisfy(task -> assertThat(task.version()).isLessThanOrEqualTo(changed.version()));
        }
    }

    @Test
    void aPageThatJoinsWhileATaskChangesEndsWithItsLastVersion() throws InterruptedException {
        try (ChannelKit kit = ChannelKit.start(socket)) {
            TestChannel ann = kit.connect().join("list:1");
            for (int n = 1; n <= JOINS; n++) {
                Rename rename = new Rename(1, "title " + n);
                Thread renaming = Thread.ofVirtual().start(() -> ann.call(Tasks.RENAME, rename));
                TestChannel page = kit.connect().join("list:1");
                renaming.join();
                Task last = store.task.get();
                Task shown = page.expect(Tasks.STATE).tasks().getFirst();
                if (shown.version() < last.version()) {
                    shown = page.expect(Tasks.CHANGED);
                }
                assertThat(shown).isEqualTo(last);
                page.client().disconnect();
            }
        }
    }
}
