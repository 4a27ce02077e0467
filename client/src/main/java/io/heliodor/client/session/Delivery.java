package io.heliodor.client.session;

import io.heliodor.client.status.ChannelStatus;
import io.heliodor.client.status.ConnectionStatus;
import io.heliodor.client.status.Recovery;
import io.heliodor.client.wire.Payload;
import org.jspecify.annotations.Nullable;

/** A value for callbacks of the application. Its size counts until the callbacks have run. */
public sealed interface Delivery {
    /** The channel number of messages to the connection. */
    long CONNECTION = 0;

    /**
     * The bytes that it holds.
     *
     * @return bytes of its payload
     */
    default int size() {
        return 0;
    }

    /**
     * A message of the server.
     *
     * @param channel the number of the channel; {@link #CONNECTION} for a message under the topic {@code phoenix}
     * @param event the event
     * @param payload the payload
     * @param token the position in the history; null if the message is not kept
     */
    record Message(
            long channel,
            String event,
            Payload payload,
            @Nullable String token) implements Delivery {
        @Override
        public int size() {
            return payload.length();
        }
    }

    /**
     * The state of a topic: the reply of a join that recovered nothing.
     *
     * @param channel the number of the channel
     * @param reply the reply
     */
    record State(long channel, Payload reply) implements Delivery {
        @Override
        public int size() {
            return reply.length();
        }
    }

    /**
     * The outcome of a join, or a gap.
     *
     * @param channel the number of the channel
     * @param recovery the value
     */
    record Recovered(long channel, Recovery recovery) implements Delivery {}

    /**
     * Another status of a channel.
     *
     * @param channel the number of the channel
     * @param status the status
     */
    record ChannelChanged(long channel, ChannelStatus status) implements Delivery {}

    /**
     * Another status of the connection.
     *
     * @param status the status
     */
    record ConnectionChanged(ConnectionStatus status) implements Delivery {}
}
