package io.heliodor.pubsub;

import io.heliodor.pubsub.engine.NameRule;
import io.heliodor.type.Type;
import java.util.Objects;
import java.util.Optional;

/**
 * The name of a topic, with the type of its messages and their format between nodes.
 *
 * <p>It is a plain value: making one is cheap and registers nothing. A PubSub identifies topics by their names. Use one constant for
 * publishers and subscribers, so that both have the same type.
 *
 * @param name the name of the topic: 1 to 255 bytes of UTF-8 without control characters (U+0000 to U+001F, U+007F to
 *     U+009F, U+2028, U+2029, and bidirectional controls)
 * @param type the type of its messages
 * @param format the format of its messages between nodes; empty for the codecs of the node
 * @param <T> the type of its messages
 */
public record Topic<T>(String name, Type<T> type, Optional<MessageFormat<T>> format) {
    /**
     * Checks the name.
     *
     * @throws IllegalArgumentException if the name breaks the rule
     */
    public Topic {
        Objects.requireNonNull(name, "name");
        NameRule.check("topic", name);
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(format, "format");
    }

    /**
     * A topic with the class of its messages.
     *
     * @param name the name of the topic: 1 to 255 bytes of UTF-8 without control characters
     * @param type the class of its messages
     * @param <T> the type of its messages
     * @return the topic
     * @throws IllegalArgumentException if the name breaks the rule
     */
    public static <T> Topic<T> of(String name, Class<T> type) {
        return of(name, Type.of(type));
    }

    /**
     * A topic with a generic type of its messages: {@code Topic.of("batches", new Type<List<Order>>() {})}.
     *
     * @param name the name of the topic: 1 to 255 bytes of UTF-8 without control characters
     * @param type the type of its messages
     * @param <T> the type of its messages
     * @return the topic
     * @throws IllegalArgumentException if the name breaks the rule
     */
    public static <T> Topic<T> of(String name, Type<T> type) {
        return new Topic<>(name, type, Optional.empty());
    }

    /**
     * A topic with its own format for messages to other nodes. It must be the same on all nodes.
     *
     * @param name the name of the topic: 1 to 255 bytes of UTF-8 without control characters
     * @param type the class of its messages
     * @param format writes and reads them
     * @param <T> the type of its messages
     * @return the topic
     * @throws IllegalArgumentException if the name breaks the rule
     */
    public static <T> Topic<T> of(String name, Class<T> type, MessageFormat<T> format) {
        return new Topic<>(name, Type.of(type), Optional.of(Objects.requireNonNull(format, "format")));
    }
}
