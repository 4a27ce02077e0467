package io.heliodor.channel;

import io.heliodor.event.InvalidPayload;

/**
 * Validates the payloads of clients after they were decoded, before their handlers run: with Bean Validation, for example. See
 * {@link UserSocket.Builder#validator}.
 *
 * <p><b>Threads:</b> virtual threads, for many channels at the same time. <b>Blocking:</b> allowed; only their own channel waits.
 */
@FunctionalInterface
public interface PayloadValidator {
    /**
     * Validates the payload of a join, an event or a call.
     *
     * @param payload the decoded payload; never an {@link io.heliodor.event.Empty}, {@link io.heliodor.event.Raw} or
     *     {@link java.nio.ByteBuffer}
     * @throws InvalidPayload if it is invalid. Other exceptions count as those of the handler
     */
    void validate(Object payload);
}
