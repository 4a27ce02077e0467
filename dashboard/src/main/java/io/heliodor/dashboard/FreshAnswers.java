package io.heliodor.dashboard;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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
     * Returns the answer of the last second, or makes one. Waits for another caller that makes it.
     *
     * @param question the question
     * @param making makes the answer; may block
     * @return the answer; empty if too many were begun in the last second
     */
    Optional<A> get(Q question, Supplier<A> making) {
        CompletableFuture<A> own = new CompletableFuture<>();
        CompletableFuture<A> answer = begin(question, own);
        if (answer == null) {
            return Optional.empty();
        }
        if (answer == own) {
            try {
                own.complete(making.get());
            } catch (Throwable e) {
                own.completeExceptionally(e);
                throw e;
            }
        }
        try {
            return Optional.of(answer.join());
        } catch (CompletionException e) {
            throw new IllegalStateException("The answer was not made.", e.getCause());
        }
    }

    /** The answer of the last second, or the own one from now on; null if there are too many. */
    private synchronized @Nullable CompletableFuture<A> begin(
            Q question, CompletableFuture<A> own) {
        long now = clock.getAsLong();
        begun.values().removeIf(each -> now - each.at() >= FRESH_NANOS);
        Begun<A> known = begun.get(question);
        if (known != null) {
            return known.answer();
        }
        if (begun.size() >= max) {
            return null;
        }
        begun.put(question, new Begun<>(own, now));
        return own;
    }
}
