package io.heliodor.channel;

/**
 * What becomes of a broadcast on its way to one member.
 *
 * @param <T> the type of the broadcast's payload
 */
public sealed interface Out<T> {
    /**
     * It goes out as it is.
     *
     * @param <T> the type of the payload
     */
    record Pass<T>() implements Out<T> {}

    /**
     * Another payload goes out in its place.
     *
     * @param payload what Jackson writes as a JSON object
     * @param <T> the type of the broadcast's payload
     */
    record Replace<T>(Object payload) implements Out<T> {}

    /**
     * This member does not get it.
     *
     * @param <T> the type of the payload
     */
    record Drop<T>() implements Out<T> {}

    /**
     * It goes out as it is.
     *
     * @param <T> the type of the payload
     * @return the decision
     */
    static <T> Out<T> pass() {
        return new Pass<>();
    }

    /**
     * Another payload goes out in its place.
     *
     * @param payload what Jackson writes as a JSON object
     * @param <T> the type of the broadcast's payload
     * @return the decision
     */
    static <T> Out<T> replace(Object payload) {
        return new Replace<>(payload);
    }

    /**
     * This member does not get it.
     *
     * @param <T> the type of the payload
     * @return the decision
     */
    static <T> Out<T> drop() {
        return new Drop<>();
    }
}
