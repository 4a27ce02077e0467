package io.heliodor.channel;

import java.util.Objects;

/**
 * The decision of an intercept about a broadcast for one member.
 *
 * @param <T> the type of the broadcast's payload
 */
public sealed interface Out<T> {
    /**
     * The broadcast is sent unchanged.
     *
     * @param <T> the type of the payload
     */
    record Pass<T>() implements Out<T> {}

    /**
     * The broadcast is sent with another payload.
     *
     * @param payload a value that Jackson writes as a JSON object
     * @param <T> the type of the broadcast's payload
     */
    record Replace<T>(Object payload) implements Out<T> {
        /** Checks that no value is null. */
        public Replace {
            Objects.requireNonNull(payload, "payload");
        }
    }

    /**
     * The broadcast is dropped for this member.
     *
     * @param <T> the type of the payload
     */
    record Drop<T>() implements Out<T> {}

    /**
     * The broadcast is sent unchanged.
     *
     * @param <T> the type of the payload
     * @return the decision
     */
    static <T> Out<T> pass() {
        return new Pass<>();
    }

    /**
     * The broadcast is sent with another payload.
     *
     * @param payload a value that Jackson writes as a JSON object
     * @param <T> the type of the broadcast's payload
     * @return the decision
     */
    static <T> Out<T> replace(Object payload) {
        return new Replace<>(payload);
    }

    /**
     * The broadcast is dropped for this member.
     *
     * @param <T> the type of the payload
     * @return the decision
     */
    static <T> Out<T> drop() {
        return new Drop<>();
    }
}
