package io.heliodor.channel;

/** Why a channel ended. */
public sealed interface Leaving {
    /** The client left. */
    record Left() implements Leaving {}

    /** The server closed the client's connection: by id, at a limit, for a broken protocol. */
    record Closed() implements Leaving {}

    /** The client joined the same topic again on the same connection. */
    record Replaced() implements Leaving {}

    /** The connection went away. */
    record Disconnected() implements Leaving {}

    /** Nothing was heard of the client for the idle time. */
    record HeartbeatTimeout() implements Leaving {}

    /** The server shuts down. */
    record Draining() implements Leaving {}

    /**
     * A handler stopped the channel.
     *
     * @param why the reason that it gave
     */
    record Stopped(String why) implements Leaving {}

    /**
     * A handler threw.
     *
     * @param cause what it threw
     */
    record Failed(Throwable cause) implements Leaving {}
}
