package io.heliodor.protocol;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Which claims on a name there are too many of, and what the resolver says of them. It has a second; then the oldest wins. */
final class Verdicts {
    private static final long NANOS = 1_000_000_000L;

    private static final class Question {
        private boolean answered;
        private Optional<Claim> winner = Optional.empty();
    }

    private final Names.Effects effects;
    private final LongSupplier numbers;
    private final Map<Key, Question> questions = new LinkedHashMap<>();
    private final Map<Long, Question> open = new HashMap<>();
    private boolean asked;
    private boolean timed;
    private long deadline;

    Verdicts(Names.Effects effects, LongSupplier numbers) {
        this.effects = effects;
        this.numbers = numbers;
    }

    /** Whether the questions were asked, if there were any. */
    boolean asked() {
        return asked;
    }

    /** Whether all is known. */
    boolean complete() {
        return asked && open.isEmpty();
    }

    void ask(Map<Key, List<Claim>> claims) {
        asked = true;
        claims.forEach((key, some) -> {
            if (!key.election() && some.size() > 1) {
                var question = new Question();
                long number = numbers.getAsLong();
                questions.put(key, question);
                open.put(number, question);
                effects.resolve(number, key.name(), some);
            }
        });
    }

    /** Takes an answer; whether it was awaited. */
    boolean resolved(long number, Optional<Claim> winner) {
        @Nullable Question question = open.remove(number);
        if (question == null) {
            return false;
        }
        question.answered = true;
        question.winner = winner;
        return true;
    }

    /** Time passes, from the first call on; whether it is up. */
    boolean tick(long now) {
        if (!timed) {
            timed = true;
            deadline = now + NANOS;
        }
        if (now - deadline < 0) {
            return false;
        }
        open.clear();
        return true;
    }

    /** Who of these has it. They may be fewer than those that the resolver was asked about. */
    Optional<Claim> choose(Key key, List<Claim> claims) {
        @Nullable Question question = questions.get(key);
        if (claims.size() > 1
                && question != null
                && question.answered
                && (question.winner.isEmpty() || claims.contains(question.winner.get()))) {
            return question.winner;
        }
        return claims.stream().min(Claim.BY_AGE);
    }
}
