package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.Event;
import org.jgroups.Message;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.FailureDetection.HeartbeatHeader;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.util.MessageBatch;
import org.jspecify.annotations.Nullable;

/**
 * The failure detector: heartbeats to all, and indirect probes as in SWIM. JGroups reports suspicions to one member
 * only, the next coordinator; this one reports them on every node. Any message of a suspect ends the suspicion.
 *
 * <p>A member requests probes of a silent one from all others: after 1.9 heartbeat intervals without a direct packet,
 * again in each interval, and when a connection ended. A suspect that answers any of them stays a member: only one link
 * is broken, and packets of the pair take a {@link Detour}. Excluding it would make the two sides exclude each other.
 */
final class FailureDetector extends FD_ALL3 {
    private final EventDispatcher events;
    private final Detour detour;
    private final Consumer<Peer> suspected;
    private final VERIFY_SUSPECT2 verify;

    /**
     * A failure detector for a stack.
     *
     * @param detour gets the reports of indirect probes
     * @param suspected called once for each suspicion
     * @param verify pings suspects before they are excluded
     */
    FailureDetector(EventDispatcher events, Detour detour, Consumer<Peer> suspected, VERIFY_SUSPECT2 verify) {
        this.events = events;
        this.detour = detour;
        this.suspected = suspected;
        this.verify = verify;
        setId(ClassConfigurator.getProtocolId(FD_ALL3.class));
    }

    /** The event of {@link Detour#ended}. */
    @Override
    public Object up(Event event) {
        if (event.getType() == Event.SUSPECT) {
            Collection<Address> suspects = event.arg();
            for (Address suspect : suspects) {
                Peer peer = PeerAddresses.peer(suspect);
                if (peer != null) {
                    events.suspect(peer);
                    requestPings(peer, suspect);
                }
            }
        }
        return up_prot.up(event);
    }

    @Override
    public Object down(Event event) {
        if (event.getType() == Event.UNSUSPECT) {
            unsuspected(event.arg());
        }
        return super.down(event);
    }

    @Override
    public Object up(Message message) {
        if (message.getHeader(id) != null) {
            received(message);
        }
        return super.up(message);
    }

    @Override
    public void up(MessageBatch batch) {
        for (Message message : batch) {
            if (message.getHeader(id) != null) {
                received(message);
            }
        }
        super.up(batch);
    }

    /** Called by JGroups for each member in each interval. */
    @Override
    protected <T> boolean needsToBeSuspected(Address member, T value) {
        Peer peer = PeerAddresses.peer(member);
        if (peer != null && detour.silent(member)) {
            requestPings(peer, member);
        }
        return super.needsToBeSuspected(member, value);
    }

    private void requestPings(Peer peer, Address member) {
        List<Address> others;
        synchronized (this) {
            others = new ArrayList<>(members);
            others.removeAll(suspected_mbrs);
        }
        others.removeAll(List.of(member, local_addr));
        others.forEach(other -> send(other, new SwimMessage.PingReq(peer)));
    }

    @Override
    protected void suspect(List<Address> suspects) {
        List<Address> lost = new ArrayList<>();
        for (Address suspect : suspects) {
            Peer peer = PeerAddresses.peer(suspect);
            if (!detour.isAnswered(suspect)) {
                lost.add(suspect);
            }
            if (peer != null && events.suspect(peer)) {
                // TCP retransmits after growing pauses: a new connection recovers much sooner.
                suspected.accept(peer);
            }
        }
        if (!lost.isEmpty()) {
            super.suspect(lost);
        }
    }

    /** Sends directly: an answer by a detour would not prove that its sender reaches the silent member. */
    private void send(Address to, SwimMessage message) {
        detour.direct(new BytesMessage(to, message.toBytes()).putHeader(id, new HeartbeatHeader()));
    }

    /** Handles the message that a heartbeat may contain. */
    private void received(Message heartbeat) {
        Address from = heartbeat.getSrc();
        SwimMessage message = heartbeat.hasArray()
                ? SwimMessage.of(heartbeat.getArray(), heartbeat.getOffset(), heartbeat.getLength())
                : null;
        Peer sender = PeerAddresses.peer(from);
        if (message == null || sender == null) {
            return;
        }
        switch (message) {
            case SwimMessage.PingReq(Peer silent) ->
                detour.member(silent).ifPresent(address -> send(address, new SwimMessage.Ping(sender)));
            case SwimMessage.Ping(Peer asker) -> send(from, new SwimMessage.Ack(asker));
            case SwimMessage.Ack(Peer asker) ->
                detour.member(asker).ifPresent(address -> send(address, new SwimMessage.IndirectAck(sender)));
            case SwimMessage.IndirectAck(Peer silent) ->
                detour.member(silent).ifPresent(address -> {
                    detour.answered(address, from);
                    verify.unsuspect(address);
                });
        }
    }

    @Override
    protected boolean unsuspect(@Nullable Address member) {
        boolean changed = super.unsuspect(member);
        if (changed) {
            unsuspected(member);
        }
        return changed;
    }

    @Override
    protected void update(@Nullable Address sender, boolean heartbeat, boolean onlyIfAbsent) {
        super.update(sender, heartbeat, onlyIfAbsent);
        if (!onlyIfAbsent && events.anySuspect()) {
            unsuspected(sender);
        }
    }

    private void unsuspected(@Nullable Address member) {
        Peer peer = PeerAddresses.peer(member);
        if (peer != null) {
            events.unsuspect(peer);
        }
    }
}
