package io.heliodor.session.channel;

import io.heliodor.channel.definition.TopicPattern;
import io.heliodor.wire.Payload;
import java.util.Arrays;
import java.util.Map;

/** The rules for the reply of a join handler. Any thread may use it. */
final class JoinReply {
    private JoinReply() {}

    /** Checks that a reply has no field {@code history}, which a channel with a history adds. */
    static void checkFields(TopicPattern pattern, Object reply) {
        if (hasHistory(reply)) {
            throw new IllegalStateException("The join handler of " + pattern + " replied with a "
                    + reply.getClass().getName()
                    + " that has a field 'history', which is the reply's own where a channel keeps a history; give the"
                    + " field another name.");
        }
    }

    private static boolean hasHistory(Object reply) {
        return switch (reply) {
            case Map<?, ?> map -> map.containsKey("history");
            case Record record ->
                Arrays.stream(record.getClass().getRecordComponents())
                        .anyMatch(component -> component.getName().equals("history"));
            default -> false;
        };
    }

    /**
     * The encoding of a reply, which must be JSON.
     *
     * @param history whether the channel has a history: then it must be an object, which gets one more field
     */
    static Payload.Json json(TopicPattern pattern, Object reply, Payload encoded, boolean history) {
        if (encoded instanceof Payload.Json json && (json.isObject() || !history)) {
            return json;
        }
        throw new IllegalStateException("The join handler of " + pattern + " replied with a "
                + reply.getClass().getName()
                + ", which is not written as a JSON object; reply with a record or a map.");
    }
}
