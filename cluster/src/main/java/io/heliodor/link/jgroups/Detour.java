package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.Event;
import org.jgroups.Message;
import org.jgroups.View;
import org.jgroups.protocols.FailureDetection.HeartbeatHeader;
import org.jgroups.stack.Protocol;
import org.jgroups.util.ByteArrayDataInputStream;
import org.jgroups.util.ByteArrayDataOutputStream;
import org.jgroups.util.MessageBatch;
import org.jgroups.util.Util;
import org.jspecify.annotations.Nullable;

/**
 * A protocol above the transport that sends the packets of two members whose link is broken through a third one. The
 * other protocols do not notice. {@link DetourTable} decides on the routes. It is an addition to the stack, and replaces none of JGroups.
 */
final class Detour extends Protocol {
    /** Not used by JGroups. An empty header of this id marks a detoured packet. */
    private static final short ID = 1_901;

    private final long intervalMillis;
    private final Predicate<Peer> hasRoom;
    private final Consumer<Peer> broken;
    private final DetourTable<Address> table;
    private final LongAdder forwarded = new LongAdder();
    private volatile Map<Peer, Address> members = Map.of();
    private volatile @Nullable Future<?> ticking;

    /**
     * A protocol for a stack.
     *
     * @param intervalMillis the interval of heartbeats
     * @param hasRoom whether packets of other members may be sent to a member
     * @param broken called with a member to which packets do not go directly any more; must not block
     */
    Detour(long intervalMillis, Predicate<Peer> hasRoom, Consumer<Peer> broken) {
        this.intervalMillis = intervalMillis;
        this.hasRoom = hasRoom;
        this.broken = broken;
        setId(ID);
        table = new DetourTable<>(TimeUnit.MILLISECONDS.toNanos(intervalMillis), this::changed);
    }

    private void changed(Address member, Optional<Address> through) {
        Peer peer = PeerAddresses.peer(member);
        if (peer == null) {
            return;
        }
        if (through.isPresent()) {
            broken.accept(peer);
            WireLog.LOG.warn(
                    "The link to {} is broken: packets go through {}.", peer, PeerAddresses.peer(through.get()));
        } else {
            WireLog.LOG.info("Packets to {} go directly again.", peer);
        }
    }

    /** The number of packets that were forwarded for others. */
    long forwarded() {
        return forwarded.sum();
    }

    /** The address of another member; empty if the peer is none. */
    Optional<Address> member(Peer peer) {
        return Optional.ofNullable(members.get(peer));
    }

    /** The member through which packets to a peer go; empty if they go directly. */
    Optional<Peer> through(Peer peer) {
        return member(peer).map(table::hop).map(DetourTable.Hop::through).map(PeerAddresses::peer);
    }

    /** The number of members that are not reached directly. */
    int hops() {
        return table.hops().size();
    }

    /** Whether no packets come directly from a member. */
    boolean silent(Address member) {
        return table.silent(member, System.nanoTime());
    }

    /** Whether something came directly from a member since its last connection ended, or another one reported lately that it reaches it. */
    boolean isReached(Address member) {
        return !silent(member) || table.isAnswered(member, System.nanoTime());
    }

    /** Whether a packet came from a member within a time, or another one reported lately that it reaches it. */
    boolean reaches(Address member, long withinNanos) {
        return table.reaches(member, withinNanos, System.nanoTime());
    }

    /** Records a report of {@code by} that it reaches a member. */
    void answered(Address member, Address by) {
        table.answered(member, by, System.nanoTime());
    }

    @Override
    public void start() throws Exception {
        super.start();
        ticking = getTransport()
                .getTimer()
                .scheduleWithFixedDelay(
                        () -> table.tick(System.nanoTime()),
                        intervalMillis,
                        intervalMillis,
                        TimeUnit.MILLISECONDS,
                        false);
    }

    @Override
    public void stop() {
        Future<?> current = ticking;
        if (current != null) {
            current.cancel(false);
        }
        super.stop();
    }

    /**
     * Records the end of a connection that this side had not closed: the process of the peer has ended, or the network
     * failed. The event of JGroups for that does not distinguish the two sides. A peer that leaves closes its
     * connections as well, maybe before this node has dispatched the view without it; so the view that JGroups
     * installed decides.
     */
    void ended(Peer peer) {
        member(peer).ifPresent(member -> table.ended(member, System.nanoTime()));
    }

    /** Whether the last connection of a member has ended, and nothing came directly since. */
    boolean hasEnded(Peer peer) {
        return member(peer).filter(table::hasEnded).isPresent();
    }

    /** Sends a message directly, even to a silent member. */
    void direct(Message message) {
        down_prot.down(message);
    }

    @Override
    public Object down(Event event) {
        if (event.getType() == Event.VIEW_CHANGE) {
            View view = event.arg();
            List<Address> others = new ArrayList<>(view.getMembers());
            others.remove(local_addr);
            members = others.stream()
                    .filter(member -> PeerAddresses.peer(member) != null)
                    // A node that left and returned may have two addresses for a short time: the later one is valid.
                    .collect(Collectors.toUnmodifiableMap(PeerAddresses::peer, member -> member, (_, later) -> later));
            table.members(others, System.nanoTime());
        }
        return down_prot.down(event);
    }

    @Override
    public @Nullable Object down(Message message) {
        Address to = message.getDest();
        if (to == null) {
            table.hops().forEach((member, hop) -> send(message, member, hop));
            return down_prot.down(message);
        }
        DetourTable.Hop<Address> hop = table.hop(to);
        if (hop == null) {
            return down_prot.down(message);
        }
        send(message, to, hop);
        return null;
    }

    private void send(Message message, Address to, DetourTable.Hop<Address> hop) {
        if (message.getSrc() == null) {
            message.setSrc(local_addr);
        }
        try {
            ByteArrayDataOutputStream out = new ByteArrayDataOutputStream(message.size() + 256);
            Util.writeAddress(to, out);
            out.writeBoolean(hop.deaf());
            out.writeShort(message.getType());
            message.writeTo(out);
            down_prot.down(wrapped(hop.through(), out.buffer(), 0, out.position()));
        } catch (IOException e) {
            throw new IllegalStateException("A message cannot be written.", e);
        }
    }

    /** Out of band, so that pairs do not wait for each other. The ends of each pair restore the order. */
    private static Message wrapped(Address to, byte[] bytes, int offset, int length) {
        return new BytesMessage(to, bytes, offset, length)
                .setFlag(Message.Flag.OOB)
                .putHeader(ID, new HeartbeatHeader());
    }

    @Override
    public @Nullable Object up(Message message) {
        if (message.getHeader(ID) != null) {
            take(message);
            return null;
        }
        received(message.getSrc());
        return up_prot.up(message);
    }

    @Override
    public void up(MessageBatch batch) {
        received(batch.getSender());
        if (batch.getMode() != MessageBatch.Mode.REG) {
            batch.removeIf(
                    message -> {
                        boolean detoured = message.getHeader(ID) != null;
                        if (detoured) {
                            take(message);
                        }
                        return detoured;
                    },
                    true);
        }
        if (!batch.isEmpty()) {
            up_prot.up(batch);
        }
    }

    /** Records a sign of life that came directly from a member. */
    void received(@Nullable Address from) {
        if (from != null) {
            table.direct(from, System.nanoTime());
        }
    }

    private void take(Message detoured) {
        Address from = detoured.getSrc();
        received(from);
        ByteArrayDataInputStream in =
                new ByteArrayDataInputStream(detoured.getArray(), detoured.getOffset(), detoured.getLength());
        try {
            Address to = Util.readAddress(in);
            if (local_addr.equals(to)) {
                receive(from, in);
            } else {
                forward(to, detoured);
            }
        } catch (Exception e) {
            WireLog.LOG.debug("A detoured packet of {} is malformed.", from, e);
        }
    }

    private void receive(Address through, ByteArrayDataInputStream in) throws Exception {
        boolean deaf = in.readBoolean();
        Message message = ScopedValue.where(PayloadFilter.RESTRICTED, true).call(() -> Util.readMessage(in));
        Address from = message.getSrc();
        if (from == null || from.equals(local_addr)) {
            return;
        }
        table.returned(from, through, deaf, System.nanoTime());
        up_prot.up(message);
    }

    private void forward(@Nullable Address to, Message detoured) {
        Peer peer = PeerAddresses.peer(to);
        if (to == null || peer == null || member(peer).isEmpty() || !hasRoom.test(peer)) {
            return; // not a member, or no room: the two ends send it again
        }
        forwarded.increment();
        down_prot.down(wrapped(to, detoured.getArray(), detoured.getOffset(), detoured.getLength()));
    }
}
