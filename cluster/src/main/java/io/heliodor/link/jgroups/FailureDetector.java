package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.Event;
import org.jgroups.Message;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.FailureDetection;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.util.MessageBatch;
import org.jspecify.annotations.Nullable;

/**
 * In the place of FD_ALL3: heartbeats to all, and indirect probes as in SWIM. It has two levels. After more than
 * {@value Timing#SUSPICION} heartbeat intervals without a message a member is suspected, so that names and joins do not wait
 * for it; after the exclusion timeout of {@link Timing} it is excluded. JGroups has the second level only, and reports it to
 * one member, the next coordinator; this one reports suspicions on every node. Any message of a suspect ends the suspicion.
 *
 * <p>A member requests probes of a silent one from all others: after 2.9 heartbeat intervals without a direct packet, again
 * in each interval, and when a connection ended. The answer to any of them is a sign of life: only one link is broken, and
 * packets of the pair take a {@link Detour}. Excluding it would make the two sides exclude each other.
 *
 * <p>FD_ALL3 would do as it is with a second timeout, and indirect probes in VERIFY_SUSPECT2: {@code docs/design/jgroups.md}.
 */
final class FailureDetector extends FailureDetection {
    private final EventDispatcher events;
    private final Detour detour;
    private final Consumer<Peer> silent;
    private final Predicate<Peer> receiving;
    private final VERIFY_SUSPECT2 verify;

    /** The heartbeat intervals since the last message of each member. */
    private final Map<Address, AtomicInteger> idle = new ConcurrentHashMap<>();

    /** The members that answered a handshake, and sent no message since. */
    private final Set<Address> answered = ConcurrentHashMap.newKeySet();

    /**
     * A failure detector for a stack.
     *
     * @param detour gets the reports of indirect probes
     * @param silent called in each interval with each member from which nothing comes directly; must not block
     * @param receiving whether bytes of a peer came in the last interval, also those of an incomplete message
     * @param verify pings suspects before they are excluded
     */
    FailureDetector(
            EventDispatcher events,
            Detour detour,
            Consumer<Peer> silent,
            Predicate<Peer> receiving,
            VERIFY_SUSPECT2 verify) {
        this.events = events;
        this.detour = detour;
        this.silent = silent;
        this.receiving = receiving;
        this.verify = verify;
        setId(ClassConfigurator.getProtocolId(FD_ALL3.class));
    }

    /**
     * Suspects a member whose connection has ended, and requests probes of it. That counts like half of the exclusion timeout
     * without a message: a machine that has vanished ends no connection, but a container that has been removed does.
     */
    void ended(Peer peer) {
        detour.member(peer).ifPresent(member -> {
            suspect(peer, member);
            AtomicInteger intervals = idle.get(member);
            if (intervals != null) {
                intervals.accumulateAndGet(exclusionIntervals() / 2, Math::max);
            }
        });
    }

    /** Suspects a member, and requests probes of it. */
    void suspect(Peer peer) {
        detour.member(peer).ifPresent(member -> suspect(peer, member));
    }

    /** Suspects a member, and excludes it unless it answers in the time of a verification. */
    void verify(Peer peer) {
        detour.member(peer).ifPresent(member -> {
            suspect(peer, member);
            Object _ = up_prot.up(new Event(Event.SUSPECT, List.of(member)));
        });
    }

    private void suspect(Peer peer, Address member) {
        events.suspect(peer);
        requestPings(peer, member);
    }

    private int exclusionIntervals() {
        return (int) Math.ceilDiv(timeout, interval);
    }

    @Override
    public Object down(Event event) {
        if (event.getType() == Event.UNSUSPECT) {
            unsuspected(event.arg());
        }
        Object result = super.down(event);
        if (event.getType() == Event.VIEW_CHANGE) {
            answered.retainAll(idle.keySet());
        }
        return result;
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

    @Override
    protected Map<Address, ?> getTimestamps() {
        return idle;
    }

    @Override
    protected long getTimeoutCheckInterval() {
        return interval;
    }

    @Override
    protected String getTimeoutCheckerInfo() {
        return "FailureDetector: checks every " + interval + " ms";
    }

    /** Called by JGroups for each member in each interval. Returns whether it must be excluded, unless it answers. */
    @Override
    protected <T> boolean needsToBeSuspected(Address member, T value) {
        Peer peer = PeerAddresses.peer(member);
        int intervals = ((AtomicInteger) value).incrementAndGet();
        if (intervals > 1 && peer != null && receiving.test(peer)) {
            // Over a slow link, a message takes longer than the intervals that a member may be silent.
            update(member, false, false);
            detour.received(member);
            return false;
        }
        if (peer != null && detour.silent(member)) {
            requestPings(peer, member);
            silent.accept(peer);
        }
        if (intervals > Timing.SUSPICION && peer != null) {
            events.suspect(peer);
        }
        return intervals > exclusionIntervals();
    }

    /** Requests a sign of life from a member. It is the first packet of a connection, if there is none. */
    void ping(Address member) {
        Peer self = PeerAddresses.peer(local_addr);
        if (self != null) {
            send(member, new SwimMessage.Ping(self));
        }
    }

    /**
     * Delays the exclusion of a member that answers a handshake on a connection of its own: its process lives, and the network is
     * back. Only once, until a message comes: it may be a process that does nothing else any more.
     */
    void answered(Address member) {
        AtomicInteger intervals = idle.get(member);
        if (intervals != null && answered.add(member)) {
            intervals.set(0);
            verify.unsuspect(member);
        }
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
                    update(address, true, false);
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
        if (sender == null || sender.equals(local_addr)) {
            return;
        }
        if (!answered.isEmpty()) {
            answered.remove(sender);
        }
        AtomicInteger intervals = idle.get(sender);
        if (intervals == null) {
            idle.putIfAbsent(sender, new AtomicInteger());
        } else if (!onlyIfAbsent && intervals.get() != 0) {
            intervals.set(0); // read first: many messages in an interval must not contend for one cache line
        }
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
