package io.heliodor.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.type.Type;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.PayloadOutcome;
import java.util.Map;

/** What a client was refused with: the payload of an error reply. A value; any thread may use it. */
public final class Refusal {
    private static final Type<Map<String, Object>> OBJECT = new Type<>() {};

    private final Payload payload;
    private final PayloadCodec codec;

    Refusal(Payload payload, PayloadCodec codec) {
        this.payload = payload;
        this.codec = codec;
    }

    Payload payload() {
        return payload;
    }

    /**
     * The reason, as {@code Reply.error("muted")}, {@code Join.refuse("unauthorized")} and the server itself give it.
     *
     * @return the field {@code reason}
     * @throws AssertionError if there is no such text
     */
    public String reason() {
        if (payload instanceof Payload.Json json
                && json.isObject()
                && Fold.ANY.decode(OBJECT, payload) instanceof PayloadOutcome.Fit<Map<String, Object>>(var fields)
                && fields.get("reason") instanceof String reason) {
            return reason;
        }
        throw new AssertionError("The refusal has no text 'reason': " + this);
    }

    /**
     * The whole of it, read with the kit's mapper.
     *
     * @param type what to read it as
     * @param <T> what to read it as
     * @return the value
     * @throws AssertionError if it does not fit, saying which field and why
     */
    public <T> T as(Class<T> type) {
        return switch (codec.decode(Type.of(type), payload)) {
            case PayloadOutcome.Fit<T>(var value) -> value;
            case PayloadOutcome.Unfit<T>(var field, var message) ->
                throw new AssertionError("The refusal " + this + " does not fit " + type.getName() + ": "
                        + (field.isEmpty() ? "it" : "'" + field + "'") + " " + message);
        };
    }

    /** The payload as it came. */
    @Override
    public String toString() {
        return switch (payload) {
            case Payload.Json json -> new String(json.bytes(), json.from(), json.length(), UTF_8);
            case Payload.Binary binary -> binary.length() + " bytes";
        };
    }
}
