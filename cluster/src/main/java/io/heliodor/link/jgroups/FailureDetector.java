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
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.util.MessageBatch;
import org.jspecify.annotations.Nullable;

/**
 * Failure detection that reports on every member: JGroups tells its suspicions to the one only that would be coordinator.
 * All that comes from below passes here, so any word of a suspect absolves it.
 *
 * <p>Each member asks the others to probe a silent one, as SWIM does: when nothing has come from it directly for half of the
 * time, again in each interval, and when a connection ended. A member that answers any of them lives, and stays: the link of
 * one pair is broken, and packets of the pair take a {@link Detour}. To exclude either would tear the others apart.
 */
final class FailureDetector extends FD_ALL3 {
    private final EventDispatcher reports;
    private final Detour detour;
    private final Consumer<Peer> silent;
    private final VERIFY_SUSPECT2 verify;

    /**
     * One for a stack.
     *
     * @param detour is given the answers about silent members
     * @param silent is called with a member that is suspected, once
     * @param verify asks suspects themselves before they are excluded
     */
    FailureDetector(EventDispatcher reports, Detour detour, Consumer<Peer> silent, VERIFY_SUSPECT2 verify) {
        this.reports = reports;
        this.detour = detour;
        this.silent = silent;
        this.verify = verify;
        setId(ClassConfigurator.getProtocolId(FD_ALL3.class));
    }

    /** A connection ended: of a process that has ended, or on the way. */
    @Override
    public Object up(Event event) {
        if (event.getType() == Event.SUSPECT) {
            Collection<Address> suspects = event.arg();
            for (Address suspect : suspects) {
                Peer peer = PeerAddresses.peer(suspect);
                if (peer != null) {
                    reports.suspect(peer);
                    ask(peer, suspect);
                }
            }
        }
        return up_prot.up(event);
    }

    @Override
    public Object down(Event event) {
        if (event.getType() == Event.UNSUSPECT) {
            absolve(event.arg());
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

    /** Called for each member in each interval. */
    @Override
    protected <T> boolean needsToBeSuspected(Address member, T value) {
        Peer peer = PeerAddresses.peer(member);
        if (peer != null && detour.silent(member)) {
            ask(peer, member);
        }
        return super.needsToBeSuspected(member, value);
    }

    private void ask(Peer peer, Address member) {
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
            if (peer != null && reports.suspect(peer)) {
                // After a loss, TCP tries again more and more seldom: a new connection is back much sooner.
                silent.accept(peer);
            }
        }
        if (!lost.isEmpty()) {
            super.suspect(lost);
        }
    }

    /** Directly: an answer by a detour would not show that its sender reaches the one that it is about. */
    private void send(Address to, SwimMessage message) {
        detour.direct(new BytesMessage(to, message.toBytes()).putHeader(id, new HeartbeatHeader()));
    }

    /** A heartbeat may carry a message. */
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
        boolean news = super.unsuspect(member);
        if (news) {
            absolve(member);
        }
        return news;
    }

    @Override
    protected void update(@Nullable Address sender, boolean heartbeat, boolean onlyIfAbsent) {
        super.update(sender, heartbeat, onlyIfAbsent);
        if (!onlyIfAbsent && reports.anySuspect()) {
            absolve(sender);
        }
    }

    private void absolve(@Nullable Address member) {
        Peer peer = PeerAddresses.peer(member);
        if (peer != null) {
            reports.alive(peer);
        }
    }
}
