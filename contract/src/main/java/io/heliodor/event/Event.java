package io.heliodor.event;

import io.heliodor.type.Type;
import java.nio.ByteBuffer;

/**
 * Something said that asks for no answer: its name on the wire and the type of its payload.
 *
 * <p>Declared once as a constant and used in every place where the event is sent or handled, so that a wrong payload
 * does not compile.
 *
 * @param name the name on the wire: 1 to 255 bytes of UTF-8 without control characters, not beginning with {@code phx_}
 * @param type the type of the payload: a record, or anything else that Jackson writes as a JSON object
 * @param <T> the type of the payload
 */
public record Event<T>(String name, Type<T> type) {
    /**
     * Checks the name and the type.
     *
     * @throws IllegalArgumentException if the name breaks the rules above, or the type is one that is never written as a JSON
     *     object: a number, a text, a list
     */
    public Event {
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
     * An event without a payload: {@code {}} on the wire; what a client sends with it is ignored.
     *
     * @param name the name on the wire
     * @return the event
     */
    public static Event<Empty> empty(String name) {
        return of(name, Empty.class);
    }

    /**
     * An event whose payload is bytes, sent as a binary message. Clients of version 1.0.0, and those that poll, cannot get
     * such: for them it is left out and counted.
     *
     * @param name the name on the wire
     * @return the event
     */
    public static Event<ByteBuffer> binary(String name) {
        return of(name, ByteBuffer.class);
    }

    /**
     * Whether the payload is bytes.
     *
     * @return whether its type is {@link ByteBuffer}
     */
    public boolean isBinary() {
        return type.type() == ByteBuffer.class;
    }

    /**
     * An event whose payload is passed on as the bytes that came: checked, never turned into objects.
     *
     * @param name the name on the wire
     * @return the event
     */
    public static Event<Raw> raw(String name) {
        return of(name, Raw.class);
    }
}
