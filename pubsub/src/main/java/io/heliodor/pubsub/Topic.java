package io.heliodor.pubsub;

/**
 * A topic's name and the type of what is published on it.
 *
 * @param name the name of the topic
 * @param type the type of its messages
 * @param <T> the type of its messages
 */
public record Topic<T>(String name, Type<T> type) {
    public static <T> Topic<T> of(String name, Class<T> type) {
        return new Topic<>(name, Type.of(type));
    }

    public static <T> Topic<T> of(String name, Type<T> type) {
        return new Topic<>(name, type);
    }
}
