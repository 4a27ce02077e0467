package io.heliodor.session.channel;

import io.heliodor.channel.Reply;
import io.heliodor.event.Call;
import io.heliodor.once.KeptAnswer;
import io.heliodor.type.Type;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Encodes the replies of one channel for its client's version of the wire. Any thread may use it.
 *
 * <p>An interface, since an encoder of its own would be one more object for each idle channel.
 */
interface ReplyEncoder {
    /** The reply to a client whose version or transport carries only text, so that each request gets a reply. */
    Map<String, String> BINARY_UNSUPPORTED = Map.of("reason", "binary_unsupported");

    /** The name under which a refusal without a type is reported. */
    String REPLY = "phx_reply";

    PayloadCodec codec();

    Serializer serializer();

    Ref joinRef();

    String topic();

    /** A reply as it is kept; {@code call}: null for an event. */
    default KeptAnswer answer(String event, @Nullable Call<?, ?, ?> call, Reply<?, ?> reply) {
        Payload payload = switch (reply) {
            case Reply.Ok<?, ?>(var value) -> codec().encodeResponse(event, call == null ? null : call.reply(), value);
            case Reply.Error<?, ?>(var reason) ->
                codec().encodeResponse(event, call == null ? null : call.error(), reason);
        };
        byte[] bytes = Arrays.copyOfRange(payload.bytes(), payload.from(), payload.to());
        return new KeptAnswer(reply instanceof Reply.Ok<?, ?>, payload instanceof Payload.Binary, bytes);
    }

    /** The message of a kept answer. */
    default byte[] encode(Ref ref, KeptAnswer answer) {
        byte[] bytes = answer.payload();
        Payload payload =
                answer.binary() ? new Payload.Binary(bytes, 0, bytes.length) : new Payload.Json(bytes, 0, bytes.length);
        byte[] message = serializer().reply(joinRef(), ref, topic(), answer.ok() ? "ok" : "error", payload);
        return message.length > 0 ? message : encode(ref, REPLY, "error", null, BINARY_UNSUPPORTED);
    }

    /** The message of a reply; {@code call}: null for an event. */
    default byte[] encode(Ref ref, String event, @Nullable Call<?, ?, ?> call, Reply<?, ?> reply) {
        return switch (reply) {
            case Reply.Ok<?, ?>(var payload) -> encode(ref, event, "ok", call == null ? null : call.reply(), payload);
            case Reply.Error<?, ?>(var reason) ->
                encode(ref, event, "error", call == null ? null : call.error(), reason);
        };
    }

    /** The message of a reply with a status; {@code type}: null if none is declared. */
    default byte[] encode(Ref ref, String event, String status, @Nullable Type<?> type, Object response) {
        byte[] message =
                serializer().reply(joinRef(), ref, topic(), status, codec().encodeResponse(event, type, response));
        return message.length > 0 ? message : encode(ref, event, "error", null, BINARY_UNSUPPORTED);
    }
}
