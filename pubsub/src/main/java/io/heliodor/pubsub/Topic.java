package io.heliodor.pubsub;

import io.heliodor.pubsub.engine.NameRule;
import io.heliodor.type.Type;
import java.util.Objects;
import java.util.Optional;

/**
 * A topic's name, the type of what is published on it, and how that goes to other nodes.
 *
 * <p>It is a plain value: making one is cheap and registers nothing. A PubSub knows topics by their names; a constant for
 * both sides keeps the types together.
 *
 * @param name the name of the topic: 1 to 255 bytes of UTF-8 without control characters (U+0000 to U+001F and U+007F to
 *     U+009F)
 * @param type the type of its messages
 * @param format how its messages go to other nodes; empty for the codecs of the node
 * @param <T> the type of its messages
 */
public record Topic<T>(String name, Type<T> type, Optional<MessageFormat<T>> format) {
    /**
     * Checks the name.
     *
     * @throws IllegalArgumentException when the name is not one
     */
    public Topic {
        NameRule.check("topic", name);
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(format, "format");
    }

    /**
     * A topic of messages of a class.
     *
     * @param name the name of the topic: 1 to 255 bytes of UTF-8 without control characters
     * @param type the class of its messages
     * @param <T> the type of its messages
     * @return the topic
     * @throws IllegalArgumentException when the name is not one
     */
    public static <T> Topic<T> of(String name, Class<T> type) {
        return of(name, Type.of(type));
    }

    /**
     * A topic of messages of a type with arguments: {@code Topic.of("batches", new Type<List<Order>>() {})}.
     *
     * @param name the name of the topic: 1 to 255 bytes of UTF-8 without control characters
     * @param type the type of its messages
     * @param <T> the type of its messages
     * @return the topic
     * @throws IllegalArgumentException when the name is not one
     */
    public static <T> Topic<T> of(String name, Type<T> type) {
        return new Topic<>(name, type, Optional.empty());
    }

    /**
     * A topic whose messages go to other nodes in a format of their own. It must be the same on all nodes.
     *
     * @param name the name of the topic: 1 to 255 bytes of UTF-8 without control characters
     * @param type the class of its messages
     * @param format writes and reads them
     * @param <T> the type of its messages
     * @return the topic
     * @throws IllegalArgumentException when the name is not one
     */
    public static <T> Topic<T> of(String name, Class<T> type, MessageFormat<T> format) {
        return new Topic<>(name, Type.of(type), Optional.of(format));
    }
}
