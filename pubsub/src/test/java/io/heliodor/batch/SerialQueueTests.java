package io.heliodor.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SerialQueueTests {
    /** The threads that were started and have not run. */
    private final ArrayDeque<Runnable> threads = new ArrayDeque<>();

    private final List<Integer> received = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    private static final class Queue extends SerialQueue<Integer> {
        private final Consumer<Runnable> threads;
        private final BiPredicate<ArrayDeque<Integer>, Integer> admission;
        private final Consumer<Integer> receiver;
        private final BiConsumer<Integer, Throwable> failures;

        Queue(
                Consumer<Runnable> threads,
                BiPredicate<ArrayDeque<Integer>, Integer> admission,
                Consumer<Integer> receiver,
                BiConsumer<Integer, Throwable> failures) {
            this.threads = threads;
            this.admission = admission;
            this.receiver = receiver;
            this.failures = failures;
        }

        @Override
        protected void start(Runnable task) {
            threads.accept(task);
        }

        @Override
        protected boolean admit(ArrayDeque<Integer> all, Integer element) {
            return admission.test(all, element);
        }

        @Override
        protected void receive(Integer element) {
            receiver.accept(element);
        }

        @Override
        protected void failed(Integer element, Throwable failure) {
            failures.accept(element, failure);
        }
    }

    private SerialQueue<Integer> queue(BiPredicate<ArrayDeque<Integer>, Integer> admission) {
        return new Queue(threads::add, admission, received::add, (_, _) -> {});
    }

    private void runThread() {
        threads.remove().run();
    }

    @Test
    void oneThreadTakesAllElementsInOrderAndEnds() {
        SerialQueue<Integer> queue = queue(ArrayDeque::add);
        assertThat(queue.isIdle()).isTrue();
        assertThat(queue.add(1)).isTrue();
        queue.add(2);
        assertThat(threads).hasSize(1);
        assertThat(queue.isIdle()).isFalse();
        runThread();
        assertThat(queue.isIdle()).isTrue();
        queue.add(3);
        runThread();
        assertThat(received).containsExactly(1, 2, 3);
        assertThat(threads).isEmpty();
    }

    @Test
    void anElementThatIsAddedDuringTheLastOneIsTakenByTheSameThread() {
        ArrayDeque<Runnable> meanwhile = new ArrayDeque<>();
        SerialQueue<Integer> queue = new Queue(
                threads::add,
                ArrayDeque::add,
                element -> {
                    received.add(element);
                    while (!meanwhile.isEmpty()) {
                        meanwhile.remove().run();
                    }
                },
                (_, _) -> {});
        meanwhile.add(() -> queue.add(2));
        queue.add(1);
        runThread();
        assertThat(received).containsExactly(1, 2);
        assertThat(threads).isEmpty();
    }

    @Test
    void aFailureStopsNoOtherElement() {
        SerialQueue<Integer> queue = new Queue(
                threads::add,
                ArrayDeque::add,
                element -> {
                    received.add(element);
                    Thread.currentThread().interrupt();
                    throw new AssertionError("of " + element);
                },
                (element, e) -> {
                    failures.add(element + " " + e.getMessage() + " "
                            + Thread.currentThread().isInterrupted());
                    throw new IllegalStateException("the log fails");
                });
        queue.add(1);
        queue.add(2);
        runThread();
        assertThat(received).containsExactly(1, 2);
        assertThat(failures).containsExactly("1 of 1 true", "2 of 2 true");
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void theNextElementStartsTheThreadThatCouldNotBeStarted() {
        AtomicInteger attempts = new AtomicInteger();
        SerialQueue<Integer> queue = new Queue(
                task -> {
                    if (attempts.incrementAndGet() == 1) {
                        throw new IllegalStateException("no thread");
                    }
                    threads.add(task);
                },
                ArrayDeque::add,
                received::add,
                (_, _) -> {});
        assertThatIllegalStateException().isThrownBy(() -> queue.add(1)).withMessage("no thread");
        queue.add(2);
        runThread();
        assertThat(received).containsExactly(1, 2);
    }

    @Test
    void theAdmissionDecidesWhatWaits() {
        SerialQueue<Integer> queue = queue((waiting, element) -> {
            if (element < 0) {
                return false;
            }
            if (waiting.size() == 2) {
                waiting.remove();
            }
            waiting.add(element);
            return true;
        });
        assertThat(queue.add(-1)).isFalse();
        assertThat(threads).isEmpty();
        IntStream.range(0, 5).forEach(queue::add);
        runThread();
        assertThat(received).containsExactly(3, 4);
    }

    @Test
    void aClosedQueueDropsWhatWaitsAndTakesNothing() {
        SerialQueue<Integer> queue = queue(ArrayDeque::add);
        queue.add(1);
        queue.close();
        assertThat(queue.isClosed()).isTrue();
        assertThat(queue.add(2)).isFalse();
        runThread();
        assertThat(received).isEmpty();
        assertThat(threads).isEmpty();
        assertThat(queue.isIdle()).isTrue();
    }
}
