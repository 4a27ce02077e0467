package io.heliodor.benchmarks;

import java.nio.ByteBuffer;

/** What a run does with its connections; called by the loop's thread alone, times are the loop's. */
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

    /** A connection that had joined is gone. */
    void closed(Connection connection, long now);

    /** Sends what is due by now, and nothing more. */
    void stop(long now);

    /** Whether everything that was sent has arrived. */
    boolean settled();

    /** Arrivals that were or are owed since the start. */
    long due();

    /** What has been counted so far. */
    Tally tally();
}
