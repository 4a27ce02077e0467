package io.heliodor.channel;

import io.heliodor.pubsub.Type;
import java.nio.ByteBuffer;

/**
 * A request: its name on the wire, the type of its payload, the type of its reply. It must be answered.
 *
 * @param name the name on the wire, as for an {@link Event}
 * @param request the type of the payload
 * @param reply the type of what is answered
 * @param <Q> the type of the payload
 * @param <R> the type of what is answered
 */
public record Call<Q, R>(String name, Type<Q> request, Type<R> reply) {
    /**
     * Checks the name.
     *
     * @throws IllegalArgumentException if the name breaks the rules of {@link Event}
     */
    public Call {
        EventName.check(name);
    }

    /**
     * A call with payload and reply of a class each.
     *
     * @param name the name on the wire
     * @param request the class of the payload
     * @param reply the class of the reply
     * @param <Q> the type of the payload
     * @param <R> the type of the reply
     * @return the call
     */
    public static <Q, R> Call<Q, R> of(String name, Class<Q> request, Class<R> reply) {
        return new Call<>(name, Type.of(request), Type.of(reply));
    }

    /**
     * A call with payload and reply of any type.
     *
     * @param name the name on the wire
     * @param request the type of the payload
     * @param reply the type of the reply
     * @param <Q> the type of the payload
     * @param <R> the type of the reply
     * @return the call
     */
    public static <Q, R> Call<Q, R> of(String name, Type<Q> request, Type<R> reply) {
        return new Call<>(name, request, reply);
    }

    /**
     * Whether the payload is bytes.
     *
     * @return whether the type of the request is {@link ByteBuffer}
     */
    public boolean isBinary() {
        return request.type() == ByteBuffer.class;
    }
}
