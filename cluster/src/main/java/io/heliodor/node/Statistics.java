package io.heliodor.node;

import io.heliodor.link.LinkCounters;
import io.heliodor.membership.Member.Status;
import io.heliodor.node.wiring.NodeWire;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** Reads the numbers of a node where they are kept. Any thread may use it, before the link is there and after the end too. */
final class Statistics {
    private final NodeStates states;
    private final Supplier<Optional<LinkCounters>> link;
    private final Supplier<Optional<NodeWire>> wire;

    Statistics(NodeStates states, Supplier<Optional<LinkCounters>> link, Supplier<Optional<NodeWire>> wire) {
        this.states = states;
        this.link = link;
        this.wire = wire;
    }

    long read(Statistic which) {
        return switch (which) {
            case MEMBERS -> states.membership().peers().size() + 1L;
            case SUSPECTS ->
                states.membership().members().stream()
                        .filter(member -> member.status() == Status.SUSPECT)
                        .count();
            case NAMES -> states.voters().map(room -> room.registry().size()).orElseGet(states.registry()::size);
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
            case INTEREST_LATE,
                    PUBLISH_LOST,
                    PUBLISH_UNDELIVERED,
                    PUBLISH_UNREADABLE,
                    MESSAGES_MALFORMED,
                    EVENTS_COALESCED -> states.counters().count(which);
            case PROCESSES,
                    CALLS_WAITING,
                    CALLS_SERVED,
                    MONITORS,
                    MONITORS_SERVED,
                    INBOX_DROPPED,
                    NO_PROCESS,
                    UNDECODABLE,
                    UNSENT,
                    LATE_ANSWERS,
                    REPEATED_ANSWERS,
                    OVER_LIMIT,
                    PROCESSES_FAILED,
                    INTERRUPTED,
                    BUSY -> states.processes().statistic(which.name());
        };
    }

    private long wire(ToLongFunction<NodeWire> count) {
        return wire.get().map(count::applyAsLong).orElse(0L);
    }

    private long link(ToLongFunction<LinkCounters> count) {
        return link.get().map(count::applyAsLong).orElse(0L);
    }
}
