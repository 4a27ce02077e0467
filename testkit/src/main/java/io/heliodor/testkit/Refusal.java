package io.heliodor.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.type.Type;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.PayloadOutcome;
import java.time.Duration;
import java.util.Objects;

/**
 * The payload of an error reply, for comparison or pattern matching.
 *
 * {@snippet :
 * assertThat(ana.joinRefused("room:1")).isEqualTo(new Refusal.Plain("unauthorized"));
 * switch (ana.callRefused(SAY, message)) {
 *     case Refusal.InvalidPayload(var field, var problem) -> assertThat(field).isEqualTo("body");
 *     case Refusal.RateLimited(var retryAfter) -> kit.advance(retryAfter);
 *     case Refusal.Plain(var reason) -> fail(reason);
 *     case Refusal.Other other -> assertThat(other.as(SoldOut.class).item()).isEqualTo("tea");
 * }
 * }
 *
 * <p>{@link TestChannel#callError} gives the error of a call as the call's own type, which may be sealed as well.
 */
public sealed interface Refusal {
    /**
     * Returns the reason, as in {@code Reply.error("muted")}, {@code Join.refuse("unauthorized")} and refusals of the server.
     *
     * @return the field {@code reason}
     * @throws AssertionError if the field is missing or not a text
     */
    String reason();

    /**
     * A reason without further fields, of the application or of the server, such as {@code unmatched topic}.
     *
     * @param reason the text
     */
    record Plain(String reason) implements Refusal {
        /** Checks that no value is null. */
        public Plain {
            Objects.requireNonNull(reason, "reason");
        }
    }

    /**
     * A payload that does not match its type, or for which a handler threw {@code InvalidPayload}.
     *
     * @param field the path to the field, empty for the whole
     * @param problem what is wrong with it, to follow the name of the field; {@code message} on the wire
     */
    record InvalidPayload(String field, String problem) implements Refusal {
        /** Checks that no value is null. */
        public InvalidPayload {
            Objects.requireNonNull(field, "field");
            Objects.requireNonNull(problem, "problem");
        }

        @Override
        public String reason() {
            return Refusals.INVALID_PAYLOAD;
        }
    }

    /**
     * A message over a rate limit.
     *
     * @param retryAfter the time after which the rate allows it
     */
    record RateLimited(Duration retryAfter) implements Refusal {
        /** Checks that no value is null. */
        public RateLimited {
            Objects.requireNonNull(retryAfter, "retryAfter");
        }

        @Override
        public String reason() {
            return Refusals.RATE_LIMITED;
        }
    }

    /** Any other error, with a payload of the application. Immutable. */
    final class Other implements Refusal {
        private final Payload payload;
        private final PayloadCodec codec;

        Other(Payload payload, PayloadCodec codec) {
            this.payload = payload;
            this.codec = codec;
        }

        @Override
        public String reason() {
            if (Refusals.fields(payload).get("reason") instanceof String reason) {
                return reason;
            }
            throw new AssertionError("The refusal has no text 'reason': " + this);
        }

        /**
         * Decodes the payload with the kit's mapper.
         *
         * @param type the type of the value
         * @param <T> the type of the value
         * @return the value
         * @throws AssertionError if it does not match the type; the message has the field and the reason
         */
        public <T> T as(Class<T> type) {
            Objects.requireNonNull(type, "type");
            return switch (codec.decode(Type.of(type), payload)) {
                case PayloadOutcome.Valid<T>(var value) -> value;
                case PayloadOutcome.Invalid<T>(var field, var message) ->
                    throw new AssertionError("The refusal " + this + " does not fit " + type.getName() + ": "
                            + (field.isEmpty() ? "it" : "'" + field + "'") + " " + message);
            };
        }

        /** The payload as received. */
        @Override
        public String toString() {
            return switch (payload) {
                case Payload.Json json -> new String(json.bytes(), json.from(), json.length(), UTF_8);
                case Payload.Binary binary -> binary.length() + " bytes";
            };
        }
    }
}
