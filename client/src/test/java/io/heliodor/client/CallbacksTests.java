package io.heliodor.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class CallbacksTests implements Callbacks.Listener {
    private final ArrayDeque<Runnable> submitted = new ArrayDeque<>();
    private final List<String> log = new ArrayList<>();
    private final Callbacks callbacks = new Callbacks(submitted::add, 64, this);

    @Override
    public void done(int number, long bytes) {
        log.add("done " + number + " " + bytes);
    }

    @Override
    public void rejected(RejectedExecutionException failure) {
        log.add("rejected");
    }

    @Test
    void oneTaskAtATimeRunsAllInOrder() {
        callbacks.add(() -> log.add("a"), 1);
        callbacks.add(() -> log.add("b"), 2);
        assertThat(submitted).hasSize(1);
        submitted.remove().run();
        callbacks.add(() -> log.add("c"), 3);
        assertThat(submitted).hasSize(1);
        submitted.remove().run();
        assertThat(log).containsExactly("a", "b", "done 2 3", "c", "done 1 3");
    }

    @Test
    void roomIsGivenBackWhileOthersWait() {
        for (int i = 0; i < 150; i++) {
            callbacks.add(() -> {}, 1);
        }
        submitted.remove().run();
        assertThat(log).containsExactly("done 64 64", "done 64 64", "done 22 22");
    }

    @Test
    void aRejectionIsReported() {
        Callbacks rejecting = new Callbacks(
                task -> {
                    throw new RejectedExecutionException();
                },
                64,
                this);
        rejecting.add(() -> {}, 1);
        assertThat(log).containsExactly("rejected");
    }
}
