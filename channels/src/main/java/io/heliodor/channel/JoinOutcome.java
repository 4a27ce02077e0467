package io.heliodor.channel;

import io.heliodor.event.Event;
import java.util.Objects;
import java.util.function.Function;

/**
 * The result of a join request.
 *
 * @param <A> the type of the channel's assigns
 */
public sealed interface JoinOutcome<A> {
    /**
     * The join is accepted.
     *
     * @param assigns the initial assigns of the channel
     * @param reply the response with the status {@code ok}
     * @param first the kept messages that the client gets first
     * @param <A> the type of the assigns
     */
    record Joined<A>(A assigns, Object reply, FirstMessages first) implements JoinOutcome<A> {
        /**
         * Checks that all are there.
         *
         * @throws NullPointerException if one of the two is null; the text names the value to use instead
         */
        public Joined {
            Objects.requireNonNull(
                    assigns, "The assigns of a join are null; give Empty.EMPTY if there is nothing to remember.");
            Objects.requireNonNull(reply, "The reply to a join is null; give Empty.EMPTY if there is nothing to say.");
            Objects.requireNonNull(first, "first");
        }

        /**
         * An acceptance after which the client gets what is broadcast since its join handler began.
         *
         * @param assigns the initial assigns of the channel
         * @param reply the response with the status {@code ok}
         */
        public Joined(A assigns, Object reply) {
            this(assigns, reply, new FirstMessages.SinceJoin());
        }

        /**
         * States that the reply has all that a position of the {@link History} covers, and nothing after it. Then the client gets the
         * kept messages after that position, each once: none that the reply has, and those from before the join that the
         * reply lacks. Broadcasts that are not kept follow as without it.
         *
         * <p>Read state and position in one step with the changes and their broadcasts, by a lock of the application. A
         * position that is not kept any more counts as that at which the join handler began ({@code heliodor.history.positions.unknown}).
         * Without effect for a client that recovers what it missed by its own token.
         *
         * @param position that of {@link Join#position()}, or the token of a kept message, from any node. One of another node may
         *     delay the join by two seconds
         * @return the acceptance
         */
        public Joined<A> since(String position) {
            return new Joined<>(assigns, reply, new FirstMessages.Since(position));
        }

        /**
         * Sends the newest kept messages first, in their order, then what is broadcast since the join handler began. Without effect
         * for a client that recovers what it missed by its own token.
         *
         * @param limit their maximum number: 1 or more
         * @return the acceptance
         * @throws IllegalArgumentException if the limit is less than 1
         */
        public Joined<A> newest(int limit) {
            return new Joined<>(assigns, reply, new FirstMessages.Newest(limit));
        }

        /**
         * Sends the newest kept message of each key first: the last price of each symbol, for example. Then what is broadcast since
         * the join handler began. Without effect for a client that recovers what it missed by its own token.
         *
         * @param event an event of the history
         * @param key the key of a payload, by {@link Object#equals}; not null
         * @param <T> the type of the payloads
         * @return the acceptance
         */
        public <T> Joined<A> newestOfEach(Event<T> event, Function<? super T, ?> key) {
            return new Joined<>(assigns, reply, new FirstMessages.NewestOfEach<>(event, key));
        }
    }

    /**
     * The join is refused.
     *
     * @param reason the response with the status {@code error}
     * @param <A> the type of the assigns
     */
    record Refused<A>(Object reason) implements JoinOutcome<A> {
        /** Checks that no value is null. */
        public Refused {
            Objects.requireNonNull(reason, "reason");
        }
    }
}
