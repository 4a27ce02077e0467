package io.heliodor.node;

import io.heliodor.link.LinkCounter;
import io.heliodor.membership.Member.Status;
import io.heliodor.node.engine.NodeEngine;
import io.heliodor.node.wiring.NodeWire;
import io.heliodor.process.engine.NodeCounter;

/**
 * Reads the statistics of a node from its parts, and counters by their name. Any thread may use it, also before the link is open and
 * after the end.
 */
record Statistics(NodeEngine engine, NodeLink link) {
    long read(Statistic which) {
        return switch (which) {
            case MEMBERS -> engine.membership().peers().size() + 1L;
            case SUSPECTS ->
                engine.membership().members().stream()
                        .filter(member -> member.status() == Status.SUSPECT)
                        .count();
            case NAMES ->
                engine.voters().map(consensus -> consensus.registry().size()).orElseGet(engine.registry()::size);
            case PROCESSES -> engine.processes().count();
            case CALLS_WAITING -> engine.processes().calls().waiting();
            case CALLS_SERVED -> engine.processes().inbound().calls();
            case MONITORS -> engine.processes().monitors().count();
            case MONITORS_SERVED -> engine.processes().inbound().monitors();
            case DETOURS -> link.read(NodeWire::detours);
            case PACKETS_FORWARDED -> link.read(NodeWire::forwarded);
            case HANDSHAKES_DROPPED -> link.read(NodeWire::handshakesDropped);
            case SESSIONS_OPENED,
                    SESSIONS_RESET,
                    SESSIONS_OVERFLOWED,
                    SESSIONS_STALLED,
                    ENVELOPES_OUT,
                    ENVELOPES_IN,
                    TRAFFIC_OUT,
                    TRAFFIC_IN,
                    PACKETS_REFUSED -> link.count(LinkCounter.valueOf(which.name()));
            default -> engine.processes().counters().get(NodeCounter.valueOf(which.name()));
        };
    }
}
