package io.heliodor.session.channel;

import io.heliodor.event.json.JsonLimit;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** The protocol's own replies and pushes, encoded for a client's version of the wire. */
public final class Replies {
    public static final Payload.Json EMPTY = json("{}");
    public static final Payload.Json UNMATCHED = json("{\"reason\":\"unmatched topic\"}");
    public static final Payload.Json INVALID_TOPIC = json("{\"reason\":\"invalid topic\"}");
    public static final Payload.Json TOO_MANY = json("{\"reason\":\"too many channels joined\"}");
    public static final Payload.Json OVERLOADED = json("{\"reason\":\"overloaded\"}");
    public static final Payload.Json DRAINING = json("{\"reason\":\"draining\"}");
    static final Payload.Json REPLACED = json("{\"reason\":\"replaced\"}");
    static final Payload.Json REMOVED = json("{\"reason\":\"removed\"}");
    static final Payload.Json UNAUTHORIZED = json("{\"reason\":\"unauthorized\"}");
    static final Payload.Json JOIN_CRASHED = json("{\"reason\":\"join crashed\"}");
    /** The reply to a call whose handler failed. */
    static final Payload.Json CALL_CRASHED = json("{\"reason\":\"crashed\"}");

    /** The reply to a call that was due when its channel ended for another reason. It may have been executed. */
    static final Payload.Json CHANNEL_CLOSED = json("{\"reason\":\"channel_closed\"}");

    private static final Payload.Json CRASHED = json("{\"reason\":\"channel_crash\"}");

    private static final Map<JsonLimit, Payload.Json> OVER_LIMIT = new EnumMap<>(JsonLimit.class);

    static {
        for (JsonLimit limit : JsonLimit.values()) {
            OVER_LIMIT.put(
                    limit,
                    json("{\"reason\":\"invalid_payload\",\"field\":\"\",\"message\":\"" + limit.excess() + "\"}"));
        }
    }

    private Replies() {}

    /** The reply to a frame whose payload is beyond a limit of JSON, in the form of that to any other invalid payload. */
    public static Payload.Json overLimit(JsonLimit limit) {
        return Objects.requireNonNull(OVER_LIMIT.get(limit));
    }

    public static byte[] ok(Serializer serializer, Ref joinRef, Ref ref, String topic) {
        return serializer.reply(joinRef, ref, topic, "ok", EMPTY);
    }

    public static byte[] error(Serializer serializer, Ref joinRef, Ref ref, String topic, Payload.Json reason) {
        return serializer.reply(joinRef, ref, topic, "error", reason);
    }

    static byte[] phxClose(Serializer serializer, Ref joinRef, String topic) {
        return phxClose(serializer, joinRef, topic, EMPTY);
    }

    static byte[] phxClose(Serializer serializer, Ref joinRef, String topic, Payload.Json reason) {
        return serializer.push(joinRef, joinRef, topic, "phx_close", reason);
    }

    static byte[] phxError(Serializer serializer, Ref joinRef, String topic) {
        return phxError(serializer, joinRef, topic, CRASHED);
    }

    /**
     * The same with a refusal.
     *
     * @throws IllegalArgumentException if it is bytes, which clients do not expect here
     */
    static byte[] phxError(Serializer serializer, Ref joinRef, String topic, Payload refusal) {
        if (refusal instanceof Payload.Binary) {
            throw new IllegalArgumentException(
                    "The refusal of an onJoined hook is bytes; return Reply.error(reason), or a record.");
        }
        return serializer.push(joinRef, joinRef, topic, "phx_error", refusal);
    }

    private static Payload.Json json(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new Payload.Json(bytes, 0, bytes.length);
    }
}
