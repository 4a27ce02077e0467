package io.heliodor.client.session;

import io.heliodor.client.wire.Payload;

/** The result of a call, undecoded. */
public sealed interface Answer {
    /**
     * The reply.
     *
     * @param reply its response
     */
    record Ok(Payload reply) implements Answer {}

    /**
     * An error.
     *
     * @param error its response
     */
    record Failed(Payload error) implements Answer {}

    /** No reply came in time. */
    record TimedOut() implements Answer {}

    /** The channel or the client has ended after the call was sent. */
    record Closed() implements Answer {}

    /** The channel or the client has ended before the call was sent. */
    record NotSent() implements Answer {}
}
