package io.heliodor.benchmarks;

import java.nio.ByteBuffer;

/** The behaviour of a run's connections. Only the loop's thread calls it, with times of the loop. */
interface Scenario extends Periodic {
    /** The topic that a connection joins. */
    String topic(int connection);

    /** Whether a connection uses the socket {@code /intercepting} and not the one of the server's URL. */
    default boolean intercepts(int connection) {
        return false;
    }

    /** Whether a connection is ready when it is upgraded, because the scenario sends the joins and reads the replies. */
    default boolean joinsItself() {
        return false;
    }

    default void joined(Connection connection) {}

    /** Whether the joins that it sends itself are done, so that the load can begin. */
    default boolean isReady() {
        return true;
    }

    /** All have joined: the sending starts. */
    default void begin(long now) {}

    /**
     * A message for a joined connection.
     *
     * @return whether it belonged to the scenario; if not, the connection looks at it
     */
    boolean message(Connection connection, MessageHead head, ByteBuffer bytes, int to, long now);

    /** A joined connection has ended. */
    default void closed(Connection connection, long now) {}

    /** The sending ends. */
    default void stop(long now) {}

    @Override
    default long tick(long now) {
        return LATER;
    }

    /** Whether everything that was sent has arrived. */
    boolean settled();

    /** Arrivals that were or are owed since the start. */
    default long due() {
        return 0;
    }

    /** The counts so far. */
    ArrivalStatistics tally();
}
