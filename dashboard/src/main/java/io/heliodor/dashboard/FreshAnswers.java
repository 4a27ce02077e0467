package io.heliodor.dashboard;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Answers that are made at most once a second for each question. Any thread may use it.
 *
 * @param <Q> the type of the questions
 * @param <A> the type of the answers
 */
final class FreshAnswers<Q, A> {
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final int max;
    private final LongSupplier clock;

    /** The answers that were begun in the last second. */
    @GuardedBy("this")
    private final Map<Q, Begun<A>> begun = new LinkedHashMap<>();

    private record Begun<A>(CompletableFuture<A> answer, long at) {}

    /**
     * No answers.
     *
     * @param max the maximum number of answers that are begun in a second
     * @param clock monotonic, in nanoseconds
     */
    FreshAnswers(int max, LongSupplier clock) {
        this.max = max;
        this.clock = clock;
    }

    /**
     * Returns the answer of the last second, or makes one on a thread of its own. Waits for it.
     *
     * @param question the question
     * @param isLimited whether it needs one of the answers that may be begun in a second
     * @param making makes the answer; may block
     * @return the answer; empty if too many were begun in the last second
     * @throws IllegalStateException if it could not be made; the failure is its cause
     */
    Optional<A> get(Q question, boolean isLimited, Supplier<A> making) {
        Optional<CompletableFuture<A>> answer = begin(question, isLimited, making);
        return answer.map(FreshAnswers::await);
    }

    private synchronized Optional<CompletableFuture<A>> begin(Q question, boolean isLimited, Supplier<A> making) {
        long now = clock.getAsLong();
        // One that takes longer than a second is not begun again, and counts until its end.
        begun.values()
                .removeIf(
                        each -> now - each.at() >= FRESH_NANOS && each.answer().isDone());
        Begun<A> known = begun.get(question);
        if (known != null) {
            return Optional.of(known.answer());
        }
        if (isLimited && begun.size() >= max) {
            return Optional.empty();
        }
        CompletableFuture<A> answer = CompletableFuture.supplyAsync(
                making, task -> Thread.ofVirtual().name("heliodor-dashboard").start(task));
        begun.put(question, new Begun<>(answer, now));
        return Optional.of(answer);
    }

    /** Forgets all answers. */
    synchronized void clear() {
        begun.clear();
    }

    private static <A> A await(CompletableFuture<A> answer) {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("The answer was not made.", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The wait for an answer was interrupted.", e);
        }
    }
}
