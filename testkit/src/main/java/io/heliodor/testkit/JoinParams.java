package io.heliodor.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import java.io.ByteArrayOutputStream;
import java.util.Optional;

/** The params of a join: those that are sent, and those that a rejoin repeats. */
record JoinParams(Payload.Json sent, Payload.Json kept) {
    static JoinParams of(Object params, PayloadCodec codec) {
        Payload.Json json = json(params, codec);
        return new JoinParams(json, json);
    }

    /** The params of a rejoin, which is sent with the position in a history if there is one. */
    static JoinParams again(Payload.Json params, Optional<String> token) {
        return new JoinParams(token.map(since -> since(params, since)).orElse(params), params);
    }

    static Payload.Json json(Object params, PayloadCodec codec) {
        if (codec.encode(params) instanceof Payload.Json json) {
            return json;
        }
        throw new IllegalArgumentException("A client joins with an object, not with bytes.");
    }

    private static Payload.Json since(Payload.Json params, String token) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(("{\"since\":\"" + token + "\"").getBytes(UTF_8));
        if (params.length() > 2) {
            out.write(',');
        }
        out.write(params.bytes(), params.from() + 1, params.length() - 1);
        return new Payload.Json(out.toByteArray(), 0, out.size());
    }
}
