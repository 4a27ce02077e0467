package io.heliodor.channel;

/** Why a channel ended. */
public sealed interface LeaveReason {
    /** The client left. */
    record Left() implements LeaveReason {}

    /** The server closed the client's connection: by its id or a kick, at a limit, for a broken protocol. */
    record Closed() implements LeaveReason {}

    /** The client joined the same topic again on the same connection. */
    record Replaced() implements LeaveReason {}

    /** The server removed the client from the topic; its connection and its other channels go on. */
    record Removed() implements LeaveReason {}

    /** The connection went away. */
    record Disconnected() implements LeaveReason {}

    /** Nothing was heard of the client for the idle time. */
    record HeartbeatTimeout() implements LeaveReason {}

    /** The server shuts down. */
    record Draining() implements LeaveReason {}

    /**
     * A handler stopped the channel.
     *
     * @param why the reason that it gave
     */
    record Stopped(String why) implements LeaveReason {}

    /**
     * A handler threw.
     *
     * @param cause what it threw
     */
    record Failed(Throwable cause) implements LeaveReason {}
}
