package io.heliodor.session.retention;

import io.heliodor.channel.KeptMessages;
import io.heliodor.event.Event;
import io.heliodor.session.fanout.Broadcast;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.PayloadOutcome;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/** A kept message for the server's code. */
record KeptMessage(Broadcast broadcast, String token, Duration age, PayloadCodec codec)
        implements KeptMessages.Message {
    @Override
    public String event() {
        return broadcast.event();
    }

    @Override
    public <T> Optional<T> as(Event<T> event) {
        Objects.requireNonNull(event, "event");
        if (!event.name().equals(broadcast.event()) || event.isBinary()) {
            return Optional.empty();
        }
        return switch (codec.decode(event.type(), broadcast.payload())) {
            case PayloadOutcome.Valid<T>(var value) -> Optional.of(value);
            case PayloadOutcome.Invalid<T>(var field, var message) ->
                throw new IllegalArgumentException("A kept message of '" + event.name() + "' does not fit "
                        + event.type() + ": " + field + " " + message);
        };
    }
}
