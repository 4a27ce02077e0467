package io.heliodor.session.eviction;

import io.heliodor.channel.definition.TopicPattern;
import io.heliodor.event.Event;
import io.heliodor.type.text.ControlCharacters;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A decision of the application against the connections of an id, for all nodes.
 *
 * <p>As text it is the end of a key of {@link EvictionLog}. It begins with a character that is neither a digit nor a letter, and
 * stands for its kind: {@code " ID"}, {@code "?ID"}, {@code "-TOPIC\nID"}, {@code "!EVENT\nLENGTH\nIDPAYLOAD"} with the length of the id in characters.
 */
public sealed interface Eviction {
    /** Each node holds a last event for two minutes. */
    int MAX_LAST_BYTES = 1_000;

    /** The connections that it is for. */
    String id();

    /** The text. */
    String text();

    /** Closes the connections. Their clients may come back. */
    record Disconnected(String id) implements Eviction {
        @Override
        public String text() {
            return " " + id;
        }
    }

    /** Removes the connections from a topic. */
    record Removed(String id, String topic) implements Eviction {
        @Override
        public String text() {
            return "-" + topic + "\n" + id;
        }
    }

    /** Checks the rights of the channels of the connections again. */
    record Rechecked(String id) implements Eviction {
        @Override
        public String text() {
            return "?" + id;
        }
    }

    /** Sends a last event to the connections and closes them. Their clients stay away. */
    record Kicked(String id, String event, Payload.Json payload) implements Eviction {
        @Override
        public String text() {
            String json = new String(payload.bytes(), payload.from(), payload.length(), StandardCharsets.UTF_8);
            return "!" + event + "\n" + id.length() + "\n" + id + json;
        }
    }

    /** The removal of the connections of an id from a topic. */
    static Removed remove(String id, String topic) {
        if (!TopicPattern.validTopic(topic)) {
            throw new IllegalArgumentException(
                    "'" + ControlCharacters.escaped(topic)
                            + "' is not a topic: 1 to 255 bytes of UTF-8 without control characters, for example 'room:lobby'.");
        }
        return new Removed(id, topic);
    }

    /** A kick with its last event encoded. */
    static <T> Kicked kick(String id, Event<T> event, T payload, PayloadCodec codec) {
        if (!(codec.encode(event, payload) instanceof Payload.Json json)) {
            throw new IllegalArgumentException("The last event '" + event.name()
                    + "' has bytes as its payload; use an event whose payload is a JSON object.");
        }
        if (json.length() > MAX_LAST_BYTES) {
            throw new IllegalArgumentException("The payload of the last event '" + event.name() + "' has "
                    + json.length() + " bytes; the maximum is " + MAX_LAST_BYTES + ".");
        }
        return new Kicked(id, event.name(), json);
    }

    /**
     * Reads a text.
     *
     * @return empty if this node does not support the kind of the text
     */
    static Optional<Eviction> parse(String text) {
        return switch (text.isEmpty() ? '\0' : text.charAt(0)) {
            case ' ' -> Optional.of(new Disconnected(text.substring(1)));
            case '?' -> Optional.of(new Rechecked(text.substring(1)));
            case '-' -> removed(text);
            case '!' -> kicked(text);
            default -> Optional.empty();
        };
    }

    private static Optional<Eviction> removed(String text) {
        int end = text.indexOf('\n');
        String topic = text.substring(1, Math.max(1, end));
        return TopicPattern.validTopic(topic)
                ? Optional.of(new Removed(text.substring(end + 1), topic))
                : Optional.empty();
    }

    private static Optional<Eviction> kicked(String text) {
        int event = text.indexOf('\n');
        int length = text.indexOf('\n', event + 1);
        if (event < 0 || length < 0) {
            return Optional.empty();
        }
        try {
            int idEnd = Math.addExact(length + 1, Integer.parseInt(text, event + 1, length, 10));
            if (idEnd <= length || idEnd >= text.length() || text.charAt(idEnd) != '{') {
                return Optional.empty();
            }
            byte[] json = text.substring(idEnd).getBytes(StandardCharsets.UTF_8);
            return Optional.of(new Kicked(
                    text.substring(length + 1, idEnd),
                    text.substring(1, event),
                    new Payload.Json(json, 0, json.length)));
        } catch (NumberFormatException | ArithmeticException e) {
            return Optional.empty();
        }
    }
}
