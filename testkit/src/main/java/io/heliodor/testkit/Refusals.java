package io.heliodor.testkit;

import io.heliodor.type.Type;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.PayloadOutcome;
import java.time.Duration;
import java.util.Map;

/** Decodes the payloads of error replies, by the exact fields of the server's refusals. */
final class Refusals {
    static final String INVALID_PAYLOAD = "invalid_payload";
    static final String RATE_LIMITED = "rate_limited";

    private static final Type<Map<String, Object>> OBJECT = new Type<>() {};

    private Refusals() {}

    static Refusal of(Payload payload, PayloadCodec codec) {
        Map<String, Object> fields = fields(payload);
        if (fields.get("reason") instanceof String reason) {
            if (fields.size() == 1) {
                return new Refusal.Plain(reason);
            }
            if (fields.size() == 3
                    && reason.equals(INVALID_PAYLOAD)
                    && fields.get("field") instanceof String field
                    && fields.get("message") instanceof String message) {
                return new Refusal.InvalidPayload(field, message);
            }
            if (fields.size() == 2
                    && reason.equals(RATE_LIMITED)
                    && fields.get("retry_after_ms") instanceof Number millis) {
                return new Refusal.RateLimited(Duration.ofMillis(millis.longValue()));
            }
        }
        return new Refusal.Other(payload, codec);
    }

    /** The fields of a payload; empty if it is not an object. */
    static Map<String, Object> fields(Payload payload) {
        return payload instanceof Payload.Json json
                        && json.isObject()
                        && PresenceView.ANY.decode(OBJECT, payload)
                                instanceof PayloadOutcome.Valid<Map<String, Object>>(var fields)
                ? fields
                : Map.of();
    }
}
