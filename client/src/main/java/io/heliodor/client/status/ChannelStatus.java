package io.heliodor.client.status;

import java.util.Objects;

/** The state of a channel of a client. Values are immutable. */
public sealed interface ChannelStatus {
    /**
     * Not joined, and waiting for nothing: {@code join()} was not called, or the {@linkplain ConnectionStatus.Refused connection was refused}
     * for good. After {@code connect()} a channel that had joined or was to join does so by itself.
     */
    record Idle() implements ChannelStatus {}

    /** Waits for the connection, or for the reply to its join. Messages to the server wait as well. */
    record Joining() implements ChannelStatus {}

    /** A member of its topic. */
    record Joined() implements ChannelStatus {}

    /**
     * The server has refused the join.
     *
     * @param refusal the reason
     * @param isFinal whether the client does not join again by itself; {@code join()} does
     */
    record Refused(Refusal refusal, boolean isFinal) implements ChannelStatus {
        /** Checks that no value is null. */
        public Refused {
            Objects.requireNonNull(refusal, "refusal");
        }
    }

    /**
     * The server has ended the membership. The client does not join again by itself, except after a fresh token if the reason is
     * {@code unauthorized}; {@code join()} does.
     *
     * @param reason the reason; empty if the server has not sent one
     */
    record Closed(String reason) implements ChannelStatus {
        /** Checks that no value is null. */
        public Closed {
            Objects.requireNonNull(reason, "reason");
        }
    }

    /** Left by {@code leave()}, or by the end of the client. */
    record Left() implements ChannelStatus {}

    /**
     * Whether the channel gets no messages until the application does something.
     *
     * @return true for {@link Left}, {@link Closed} and a final {@link Refused}
     */
    default boolean isOver() {
        return this instanceof Left || this instanceof Closed || (this instanceof Refused refused && refused.isFinal);
    }
}
