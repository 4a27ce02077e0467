package io.heliodor.node;

import io.heliodor.link.LinkCounters;
import io.heliodor.membership.Member.Status;
import io.heliodor.node.engine.NodeEngine;
import io.heliodor.node.wiring.NodeWire;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** Reads the statistics of a node from its parts. Any thread may use it, also before the link is open and after the end. */
record Statistics(NodeEngine engine, Supplier<Optional<LinkCounters>> link, Supplier<Optional<NodeWire>> wire) {
    long read(Statistic which) {
        return switch (which) {
            case MEMBERS -> engine.membership().peers().size() + 1L;
            case SUSPECTS ->
                engine.membership().members().stream()
                        .filter(member -> member.status() == Status.SUSPECT)
                        .count();
            case NAMES ->
                engine.voters().map(consensus -> consensus.registry().size()).orElseGet(engine.registry()::size);
            case SESSIONS_OPENED -> link(LinkCounters::opened);
            case SESSIONS_RESET -> link(LinkCounters::reset);
            case SESSIONS_OVERFLOWED -> link(LinkCounters::overflowed);
            case SESSIONS_STALLED -> link(LinkCounters::stalled);
            case ENVELOPES_OUT -> link(LinkCounters::envelopesOut);
            case ENVELOPES_IN -> link(LinkCounters::envelopesIn);
            case TRAFFIC_OUT -> link(LinkCounters::bytesOut);
            case TRAFFIC_IN -> link(LinkCounters::bytesIn);
            case PACKETS_REFUSED -> link(LinkCounters::refused);
            case DETOURS -> wire(NodeWire::detours);
            case PACKETS_FORWARDED -> wire(NodeWire::forwarded);
            case HANDSHAKES_DROPPED -> wire(NodeWire::handshakesDropped);
            case PROCESSES -> engine.processes().count();
            case CALLS_WAITING -> engine.processes().calls().waiting();
            case CALLS_SERVED -> engine.processes().inbound().calls();
            case MONITORS -> engine.processes().monitors().count();
            case MONITORS_SERVED -> engine.processes().inbound().monitors();
            default -> engine.processes().counters().count(which.counter().orElseThrow());
        };
    }

    private long wire(ToLongFunction<NodeWire> count) {
        return wire.get().map(count::applyAsLong).orElse(0L);
    }

    private long link(ToLongFunction<LinkCounters> count) {
        return link.get().map(count::applyAsLong).orElse(0L);
    }
}
