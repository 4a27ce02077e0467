package io.heliodor.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The error reply to a push: the server refuses one of a name or payload that it does not know, and answers no others. */
final class PushRefusal {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String REPLY = "\"phx_reply\"";

    private PushRefusal() {}

    /** The reason, if a message is such a reply. Replies to joins and heartbeats are not. */
    static Optional<String> reason(byte[] message) {
        if (!new String(message, UTF_8).contains(REPLY)) {
            return Optional.empty();
        }
        try {
            JsonNode frame = JSON.readTree(message);
            boolean isRefusal = frame.path(3).asString("").equals("phx_reply")
                    && frame.path(4).path("status").asString("").equals("error")
                    && !frame.path(0).isNull()
                    && !frame.path(0).equals(frame.path(1));
            return isRefusal
                    ? Optional.of(frame.path(4).path("response").path("reason").asString("unknown"))
                    : Optional.empty();
        } catch (JacksonException e) {
            return Optional.empty(); // the client counts it as malformed
        }
    }
}
