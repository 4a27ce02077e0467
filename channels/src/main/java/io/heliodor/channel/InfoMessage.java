package io.heliodor.channel;

import io.heliodor.channel.definition.TopicPattern;
import io.heliodor.event.Event;
import io.heliodor.type.Type;
import io.heliodor.type.text.ControlCharacters;
import java.util.Objects;

/**
 * A message of the server's own code to a joined channel: its name and the type of its content. It never leaves the JVM.
 *
 * <p>Declared once as a constant, as an {@link Event} is: {@link Channel.Builder#onInfo} handles it, {@link Context#send} sends it.
 *
 * @param name the name, for logs and metrics: 1 to 255 bytes of UTF-8 without control characters
 * @param type the type of its content
 * @param <T> the type of its content
 */
public record InfoMessage<T>(String name, Type<T> type) {
    /**
     * Checks the name.
     *
     * @throws IllegalArgumentException if the name breaks the rule above
     */
    public InfoMessage {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        if (!TopicPattern.validTopic(name)) {
            throw new IllegalArgumentException("The name of an info message has 1 to 255 bytes of UTF-8 without control"
                    + " characters, not '" + ControlCharacters.escaped(name) + "'.");
        }
    }

    /**
     * A message whose content is of a class.
     *
     * @param name the name
     * @param type the class of the content
     * @param <T> the type of the content
     * @return the message
     */
    public static <T> InfoMessage<T> of(String name, Class<T> type) {
        return new InfoMessage<>(name, Type.of(type));
    }

    /**
     * A message whose content is of a generic type.
     *
     * @param name the name
     * @param type the type of the content
     * @param <T> the type of the content
     * @return the message
     */
    public static <T> InfoMessage<T> of(String name, Type<T> type) {
        return new InfoMessage<>(name, type);
    }
}
