package io.heliodor.benchmarks;

import java.nio.ByteBuffer;

/** Connections that have joined and send only heartbeats. */
final class Idle implements Scenario {
    private final int topics;
    private final ArrivalStatistics tally = new ArrivalStatistics(false);

    Idle(Plan plan) {
        topics = plan.topics();
    }

    @Override
    public String topic(int connection) {
        return "room:" + connection % topics;
    }

    @Override
    public boolean message(Connection connection, MessageHead head, ByteBuffer bytes, int to, long now) {
        return false;
    }

    @Override
    public boolean settled() {
        return true;
    }

    @Override
    public ArrivalStatistics tally() {
        return tally;
    }
}
