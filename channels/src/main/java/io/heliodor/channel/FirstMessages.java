package io.heliodor.channel;

import io.heliodor.event.Event;
import java.util.Objects;
import java.util.function.Function;

/**
 * The kept messages that a client gets first after its join, if it recovers none by a token of its own.
 *
 * @see JoinOutcome.Joined
 */
public sealed interface FirstMessages {
    /** Those since its join handler began. */
    record SinceJoin() implements FirstMessages {}

    /**
     * Those after the position of a state.
     *
     * @param position a token of the history
     */
    record Since(String position) implements FirstMessages {
        /** Checks that there is one. */
        public Since {
            Objects.requireNonNull(position, "position");
        }
    }

    /**
     * The newest, and those since.
     *
     * @param limit their maximum number: 1 or more
     */
    record Newest(int limit) implements FirstMessages {
        /** Checks the number. */
        public Newest {
            if (limit < 1) {
                throw new IllegalArgumentException("newest(" + limit + "): give 1 or more.");
            }
        }
    }

    /**
     * The newest of each key, and those since.
     *
     * @param event the event
     * @param key the key of a payload
     * @param <T> the type of the payloads
     */
    record NewestOfEach<T>(Event<T> event, Function<? super T, ?> key) implements FirstMessages {
        /** Checks that both are there. */
        public NewestOfEach {
            Objects.requireNonNull(event, "event");
            Objects.requireNonNull(key, "key");
        }
    }
}
