package io.heliodor.protocol;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The names with more than one claim, and the answers of the resolver. It has a second; after that the oldest claim wins. */
final class ConflictResolution {
    private static final long TIMEOUT_NANOS = 1_000_000_000L;

    private static final class Conflict {
        private boolean answered;
        private Optional<Claim> winner = Optional.empty();
    }

    private final NamesEffects effects;
    private final LongSupplier numbers;
    private final Map<Key, Conflict> conflicts = new LinkedHashMap<>();
    private final Map<Long, Conflict> open = new HashMap<>();
    private boolean started;
    private boolean timed;
    private long deadline;

    ConflictResolution(NamesEffects effects, LongSupplier numbers) {
        this.effects = effects;
        this.numbers = numbers;
    }

    /** Whether the resolver was asked about the conflicts, if there are any. */
    boolean started() {
        return started;
    }

    /** Whether all conflicts are resolved. */
    boolean complete() {
        return started && open.isEmpty();
    }

    void start(Map<Key, List<Claim>> claims) {
        started = true;
        claims.forEach((key, some) -> {
            if (!key.election() && some.size() > 1) {
                var conflict = new Conflict();
                long number = numbers.getAsLong();
                conflicts.put(key, conflict);
                open.put(number, conflict);
                effects.resolve(number, key.name(), some);
            }
        });
    }

    /** Takes an answer of the resolver. Returns whether it was expected. */
    boolean resolved(long number, Optional<Claim> winner) {
        @Nullable Conflict conflict = open.remove(number);
        if (conflict == null) {
            return false;
        }
        conflict.answered = true;
        conflict.winner = winner;
        return true;
    }

    /** Counts time from its first call. Returns whether the time of the resolver is over. */
    boolean tick(long now) {
        if (!timed) {
            timed = true;
            deadline = now + TIMEOUT_NANOS;
        }
        if (now - deadline < 0) {
            return false;
        }
        open.clear();
        return true;
    }

    /** The claim that keeps the name. The claims may be fewer than those for which the resolver was started. */
    Optional<Claim> choose(Key key, List<Claim> claims) {
        @Nullable Conflict conflict = conflicts.get(key);
        if (claims.size() > 1
                && conflict != null
                && conflict.answered
                && (conflict.winner.isEmpty() || claims.contains(conflict.winner.get()))) {
            return conflict.winner;
        }
        return claims.stream().min(Claim.BY_AGE);
    }
}
