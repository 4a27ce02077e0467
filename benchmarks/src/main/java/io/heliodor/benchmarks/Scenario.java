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

    void joined(Connection connection);

    /** All have joined: the sending starts. */
    void begin(long now);

    /**
     * A message for a joined connection.
     *
     * @return whether it belonged to the scenario; if not, the connection looks at it
     */
    boolean message(Connection connection, MessageHead head, ByteBuffer bytes, int to, long now);

    /** A joined connection has ended. */
    void closed(Connection connection, long now);

    /** Sends the messages that are due. */
    void stop(long now);

    /** Whether everything that was sent has arrived. */
    boolean settled();

    /** Arrivals that were or are owed since the start. */
    long due();

    /** The counts so far. */
    ArrivalStatistics tally();
}
