package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jgroups.Address;
import org.jgroups.Event;
import org.jgroups.Message;
import org.jgroups.View;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.util.SeqnoList;
import org.jspecify.annotations.Nullable;

/**
 * UNICAST3, which sends packets again that may be lost, without a congestion collapse. JGroups sends the last packet to a
 * member again every 500 ms until it is acknowledged, and all packets that the member requests, which it does every 500 ms
 * until they come. A link that needs longer for a packet gets more bytes than it carries, until the write queue overflows and
 * the connection is closed. So nothing is sent again while bytes wait in that queue: the packet may be among them. Packets that
 * were not requested have a {@link ResendBudget} in addition. UNICAST3 would do as it is if it doubled its interval for a packet, and
 * its transport reported whether bytes wait: {@code docs/design/jgroups.md}.
 */
final class PacedUnicast extends UNICAST3 {
    private final Predicate<Peer> idle;
    private final Map<Address, ResendBudget> budgets = new ConcurrentHashMap<>();

    /** A protocol for a stack. {@code idle} returns whether no bytes wait for a peer. */
    PacedUnicast(Predicate<Peer> idle) {
        this.idle = idle;
        setId(ClassConfigurator.getProtocolId(UNICAST3.class));
    }

    @Override
    public Object down(Event event) {
        if (event.getType() == Event.VIEW_CHANGE) {
            View view = event.arg();
            budgets.keySet().retainAll(view.getMembers());
        }
        return super.down(event);
    }

    /** Called by JGroups for the last packet to a member that is not acknowledged. */
    @Override
    protected void retransmit(Message last) {
        Address to = last.getDest();
        long now = System.nanoTime();
        if (isIdle(to)
                && budgets.computeIfAbsent(to, _ -> new ResendBudget(now)).take(last.size(), now)) {
            super.retransmit(last);
        }
    }

    /** Called by JGroups for the packets that a member requests. */
    @Override
    protected void handleXmitRequest(Address from, SeqnoList missing) {
        if (isIdle(from)) {
            super.handleXmitRequest(from, missing);
        }
    }

    private boolean isIdle(@Nullable Address member) {
        Peer peer = PeerAddresses.peer(member);
        return peer == null || idle.test(peer);
    }
}
