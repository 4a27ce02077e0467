package io.heliodor.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FreshAnswersTests {
    private static final int MAX = 3;

    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5);
    private final AtomicInteger made = new AtomicInteger();
    private final FreshAnswers<String, Integer> answers = new FreshAnswers<>(MAX, clock::get);

    private Optional<Integer> get(String question) {
        return answers.get(question, true, made::incrementAndGet);
    }

    /** An answer that is being made until the result is there. */
    private CompletableFuture<Optional<Integer>> begun(CompletableFuture<Integer> result) throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Optional<Integer>> answer = CompletableFuture.supplyAsync(() -> answers.get("a", true, () -> {
            begun.countDown();
            return result.join();
        }));
        begun.await();
        return answer;
    }

    private void pass(long nanos) {
        clock.addAndGet(nanos);
    }

    @Test
    void anAnswerIsMadeOnceASecondForEachQuestion() {
        assertThat(get("a")).hasValue(1);
        pass(TimeUnit.SECONDS.toNanos(1) - 1);
        assertThat(get("a")).hasValue(1);
        assertThat(get("b")).hasValue(2);
        pass(1);
        assertThat(get("a")).hasValue(3);
        assertThat(get("b")).hasValue(2);
    }

    @Test
    void furtherQuestionsOfASecondGetNoAnswer() {
        for (int i = 0; i < MAX; i++) {
            assertThat(get("of " + i)).isPresent();
        }
        assertThat(get("one too many")).isEmpty();
        assertThat(get("of 0")).isPresent();
        pass(TimeUnit.SECONDS.toNanos(1));
        assertThat(get("one too many")).isPresent();
    }

    @Test
    void callersAwaitTheAnswerThatAnotherMakes() throws Exception {
        CompletableFuture<Integer> result = new CompletableFuture<>();
        CompletableFuture<Optional<Integer>> first = begun(result);
        CompletableFuture<Optional<Integer>> second = CompletableFuture.supplyAsync(() -> get("a"));
        result.complete(7);
        assertThat(first.join()).hasValue(7);
        assertThat(second.join()).hasValue(7);
        assertThat(made).hasValue(0);
    }

    @Test
    void anAnswerThatTakesLongerIsNotBegunAgain() throws Exception {
        CompletableFuture<Integer> result = new CompletableFuture<>();
        CompletableFuture<Optional<Integer>> first = begun(result);
        pass(TimeUnit.SECONDS.toNanos(5));
        CompletableFuture<Optional<Integer>> second = new CompletableFuture<>();
        Thread caller = Thread.ofPlatform().start(() -> second.complete(get("a")));
        await().until(() -> caller.getState() == Thread.State.WAITING);
        result.complete(7);
        assertThat(first.join()).hasValue(7);
        assertThat(second.join()).hasValue(7);
        assertThat(made).hasValue(0);
    }

    @Test
    void questionsWithoutALimitAreAnsweredInAnyCase() {
        for (int i = 0; i < MAX; i++) {
            get("of " + i);
        }
        assertThat(answers.get("overview", false, made::incrementAndGet)).isPresent();
    }

    @Test
    void aFailureReachesEachCallerOfThatSecond() {
        IllegalArgumentException failure = new IllegalArgumentException("not made");
        assertThatThrownBy(() -> answers.get("a", true, () -> {
                    throw failure;
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasCause(failure);
        assertThatThrownBy(() -> get("a"))
                .isInstanceOf(IllegalStateException.class)
                .hasCause(failure);
        pass(TimeUnit.SECONDS.toNanos(1));
        assertThat(get("a")).hasValue(1);
    }
}
