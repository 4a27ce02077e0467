package io.heliodor.event;

import io.heliodor.type.Type;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A message without a reply: its name on the wire and the type of its payload. Clients and the server send it.
 *
 * <p>Declared once as a constant and used in every place where the event is sent or handled, so that a wrong payload does not
 * compile:
 *
 * {@snippet lang="java" :
 * static final Event<Notice> NOTICE = Event.of("notice", Notice.class);
 * static final Event<Empty> CLEARED = Event.of("cleared", Empty.class);
 * static final Event<Map<String, Integer>> SCORES = Event.of("scores", new Type<Map<String, Integer>>() {});
 * }
 *
 * <p>The class of a payload is its declaration, here and for each part of a {@link Call}:
 *
 * <ul>
 *   <li>a record, or another class that is written as a JSON object;
 *   <li>a sealed interface of records: the field {@code type} has the simple name of the record's class;
 *   <li>{@link Empty} for no payload;
 *   <li>{@link Raw} for a JSON object that is passed on as it came, or ready JSON of the server;
 *   <li>{@link ByteBuffer} for bytes, which are sent as a binary message. Clients of version 1.0.0, and those that poll, cannot
 *       receive one: for them an event is left out and counted, and a reply is the error {@code binary_unsupported}.
 * </ul>
 *
 * @param name the name on the wire: 1 to 255 bytes of UTF-8 without control characters, not beginning with {@code phx_}
 * @param type the type of the payload
 * @param <T> the type of the payload
 */
public record Event<T>(String name, Type<T> type) {
    /**
     * Checks the name and the type.
     *
     * @throws IllegalArgumentException if the name breaks the rules above, or the type is one that is never written as a JSON
     *     object (a number, a text, a list), or is {@code Object}
     */
    public Event {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        EventName.check(name);
        JsonObjects.check("Event '" + name + "'", type);
    }

    /**
     * An event with a payload of a class.
     *
     * @param name the name on the wire
     * @param type the class of the payload
     * @param <T> the type of the payload
     * @return the event
     */
    public static <T> Event<T> of(String name, Class<T> type) {
        return new Event<>(name, Type.of(type));
    }

    /**
     * An event with a payload of a generic type: {@code Event.of("scores", new Type<Map<String, Integer>>() {})}.
     *
     * @param name the name on the wire
     * @param type the type of the payload
     * @param <T> the type of the payload
     * @return the event
     */
    public static <T> Event<T> of(String name, Type<T> type) {
        return new Event<>(name, type);
    }

    /**
     * Whether the payload is bytes.
     *
     * @return whether its type is {@link ByteBuffer}
     */
    public boolean isBinary() {
        return type.type() == ByteBuffer.class;
    }
}
