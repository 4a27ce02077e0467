package io.heliodor.session.channel;

import io.heliodor.channel.Channels;
import io.heliodor.channel.Join;
import io.heliodor.channel.PayloadValidator;
import io.heliodor.channel.Socket;
import io.heliodor.channel.definition.TopicPattern;
import io.heliodor.event.InvalidPayload;
import io.heliodor.event.JsonProfile;
import io.heliodor.type.Type;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.PayloadOutcome;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The request of a client to join a topic, as its join handler gets it. */
record JoinRequest<S>(
        Socket<S> socket,
        TopicPattern pattern,
        String topic,
        Payload sent,
        PayloadCodec codec,
        @Nullable PayloadValidator validator,
        JsonProfile raw,
        Channels channels,
        Supplier<Optional<String>> historyPosition)
        implements Join<S> {
    @Override
    public String position() {
        return historyPosition
                .get()
                .orElseThrow(
                        () -> new IllegalStateException(
                                "Channel '" + pattern
                                        + "' keeps no history, so a join has no position; add .history(History.of(...)) to its definition."));
    }

    @Override
    public String subtopic() {
        return pattern.subtopic(topic);
    }

    @Override
    public <K> K subtopic(Function<String, K> parser) {
        Objects.requireNonNull(parser, "parser");
        try {
            return parser.apply(subtopic());
        } catch (IllegalArgumentException e) {
            throw new UnmatchedTopic(e);
        }
    }

    /** Thrown if the subtopic is not a key of the application. */
    static final class UnmatchedTopic extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnmatchedTopic(IllegalArgumentException cause) {
            super(cause);
        }
    }

    @Override
    public <P> P payload(Class<P> type) {
        Objects.requireNonNull(type, "type");
        Type<P> declared = Type.of(type);
        if (validator == null) {
            checkUnvalidated(declared);
        }
        return switch (codec.decode(declared, sent, raw)) {
            case PayloadOutcome.Valid<P>(var value) -> {
                if (validator != null) {
                    ValidatedPayload.check(validator, value);
                }
                yield value;
            }
            case PayloadOutcome.Invalid<P>(var field, var message) -> throw new InvalidPayload(field, message);
        };
    }

    /** The build of the endpoint does not know the types that a join handler reads itself. */
    private void checkUnvalidated(Type<?> type) {
        codec.unvalidated(type).ifPresent(problem -> {
            throw new IllegalStateException(
                    "Channel '" + pattern + "': the payload of its join has the type " + type + ". " + problem);
        });
    }
}
