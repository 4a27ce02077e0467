package io.heliodor.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WakeBatchTests {
    private final List<String> log = new ArrayList<>();
    private final Runnable ann = this::wakeAnn;
    private final Runnable ben = this::wakeBen;
    private final WakeBatch batch = new WakeBatch();

    private void wakeAnn() {
        log.add("ann");
    }

    private void wakeBen() {
        log.add("ben");
    }

    @Test
    void withoutABatchAWakeUpIsImmediate() {
        WakeBatch.wake(ann);
        WakeBatch.flush();
        assertThat(log).containsExactly("ann");
    }

    @Test
    void atTheEndEachIsWokenOnceInTheirOrder() {
        batch.during(() -> {
            WakeBatch.wake(ben);
            WakeBatch.wake(ann);
            WakeBatch.wake(ben);
            log.add("work");
        });
        assertThat(log).containsExactly("work");
        batch.end();
        assertThat(log).containsExactly("work", "ben", "ann");
        batch.end();
        assertThat(log).hasSize(3);
    }

    @Test
    void afterTheEndEachWakeUpIsImmediateAlsoIfAnotherThreadEndsIt() {
        batch.during(() -> {
            WakeBatch.wake(ann);
            Thread other = Thread.ofPlatform().start(batch::end);
            join(other);
            assertThat(log).containsExactly("ann");
            assertThat(batch.isOver()).isTrue();
            WakeBatch.wake(ann);
            assertThat(log).containsExactly("ann", "ann");
        });
    }

    @Test
    void workThatIsAboutToWaitWakesWhatIsDueAndGoesOn() {
        batch.during(() -> {
            WakeBatch.wake(ann);
            WakeBatch.flush();
            assertThat(log).containsExactly("ann");
            WakeBatch.wake(ann);
            assertThat(log).hasSize(1);
        });
        batch.end();
        assertThat(log).containsExactly("ann", "ann");
    }

    @Test
    void workThatFailsLosesNoWakeUp() {
        assertThatThrownBy(() -> batch.during(() -> {
                    WakeBatch.wake(ann);
                    throw new IllegalStateException("on purpose");
                }))
                .isInstanceOf(IllegalStateException.class);
        batch.end();
        assertThat(log).containsExactly("ann");
    }

    @Test
    void aWakeUpThatFailsKeepsNoOtherFromComing() {
        batch.during(() -> {
            WakeBatch.wake(this::fail);
            WakeBatch.wake(ann);
        });
        assertThatThrownBy(batch::end).hasMessage("on purpose");
        assertThat(log).containsExactly("ann");
    }

    private void fail() {
        throw new IllegalStateException("on purpose");
    }

    @Test
    void anInnerBatchHasItsOwnEnd() {
        WakeBatch inner = new WakeBatch();
        batch.during(() -> {
            WakeBatch.wake(ann);
            inner.during(() -> WakeBatch.wake(ben));
            inner.end();
            assertThat(log).containsExactly("ben");
        });
        batch.end();
        assertThat(log).containsExactly("ben", "ann");
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
