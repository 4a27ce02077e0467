package io.heliodor.node;

import io.heliodor.link.LinkCounter;
import io.heliodor.membership.Member.Status;
import io.heliodor.node.consensus.VoterStatus;
import io.heliodor.node.engine.NodeEngine;
import io.heliodor.node.wiring.NodeWire;
import io.heliodor.process.engine.NodeCounter;
import java.util.function.ToLongFunction;

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
            case VOTERS -> voters(VoterStatus::voters);
            case VOTERS_LOST -> voters(VoterStatus::lost);
            case VOTERS_QUORUM -> voters(status -> status.quorum() ? 1 : 0);
            case VOTERS_LED -> voters(status -> status.led() ? 1 : 0);
            case VOTERS_LAG -> voters(VoterStatus::lag);
            case VOTERS_OTHER_LIST -> voters(status -> status.otherList() ? 1 : 0);
            case VOTERS_OTHER_LOG -> voters(status -> status.otherLog() ? 1 : 0);
            case VOTERS_DISK_FAILED -> voters(status -> status.diskFailed() ? 1 : 0);
            case VOTERS_FILES_LOST -> voters(status -> status.filesLost() ? 1 : 0);
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

    private long voters(ToLongFunction<VoterStatus> value) {
        return engine.voters()
                .map(consensus -> value.applyAsLong(consensus.raft().status()))
                .orElse(0L);
    }
}
