package io.heliodor.channel;

import java.util.Objects;

/** The reason why a channel ended. */
public sealed interface LeaveReason {
    /** The client left. */
    record Left() implements LeaveReason {}

    /** The server closed the client's connection: by its id or a kick, at a limit, for a broken protocol. */
    record Closed() implements LeaveReason {}

    /** The client joined the same topic again on the same connection. */
    record Replaced() implements LeaveReason {}

    /** The server removed the client from the topic; its connection and its other channels stay open. */
    record Removed() implements LeaveReason {}

    /** The client has lost the right to the topic, by {@link Channel.Builder#authorize}; its connection stays open. */
    record Unauthorized() implements LeaveReason {}

    /** The connection was closed by the client, or broke. */
    record Disconnected() implements LeaveReason {}

    /** The client sent no message, not even a heartbeat, for the idle timeout. */
    record HeartbeatTimeout() implements LeaveReason {}

    /** The server shuts down. */
    record Draining() implements LeaveReason {}

    /**
     * A handler stopped the channel.
     *
     * @param why the reason given by the handler
     */
    record Stopped(String why) implements LeaveReason {
        /** Checks that no value is null. */
        public Stopped {
            Objects.requireNonNull(why, "why");
        }
    }

    /**
     * A handler threw.
     *
     * @param cause the exception
     */
    record Failed(Throwable cause) implements LeaveReason {
        /** Checks that no value is null. */
        public Failed {
            Objects.requireNonNull(cause, "cause");
        }
    }
}
