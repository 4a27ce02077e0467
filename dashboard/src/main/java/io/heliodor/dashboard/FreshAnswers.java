package io.heliodor.dashboard;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Answers that are made at most once a second for each question, by the caller that finds none. Any thread may use it.
 *
 * @param <Q> the type of the questions
 * @param <A> the type of the answers
 */
final class FreshAnswers<Q, A> {
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final int max;
    private final LongSupplier clock;

    /** The answers that were begun in the last second. Guarded by this. */
    private final Map<Q, Begun<A>> begun = new LinkedHashMap<>();

    private record Begun<A>(FutureTask<A> answer, long at) {}

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
     * Returns the answer of the last second, or makes one. Waits for another caller that makes it.
     *
     * @param question the question
     * @param making makes the answer; may block
     * @return the answer; empty if too many were begun in the last second
     * @throws IllegalStateException if it could not be made; the failure is its cause
     */
    Optional<A> get(Q question, Supplier<A> making) {
        Optional<FutureTask<A>> answer = begin(question, making);
        answer.ifPresent(FutureTask::run); // does nothing if another caller has run it
        return answer.map(FreshAnswers::await);
    }

    private synchronized Optional<FutureTask<A>> begin(Q question, Supplier<A> making) {
        long now = clock.getAsLong();
        begun.values().removeIf(each -> now - each.at() >= FRESH_NANOS);
        Begun<A> known = begun.get(question);
        if (known != null) {
            return Optional.of(known.answer());
        }
        if (begun.size() >= max) {
            return Optional.empty();
        }
        FutureTask<A> answer = new FutureTask<>(making::get);
        begun.put(question, new Begun<>(answer, now));
        return Optional.of(answer);
    }

    private static <A> A await(FutureTask<A> answer) {
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
