package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import io.heliodor.link.jgroups.socket.DataConnections;
import io.heliodor.link.jgroups.socket.PeerSockets;
import io.heliodor.link.jgroups.socket.Prober;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jgroups.Address;
import org.jgroups.Event;

/**
 * Decides about members whose connections end or hang: whether a connection is replaced, packets go around it, or the member is
 * excluded. Thread-safe.
 */
final class LostConnections implements AutoCloseable {
    private static final Duration MAX_PATIENCE = Duration.ofMillis(1_250);

    private final Peer self;
    private final AtomicReference<ViewMembers> members;
    private final BooleanSupplier alone;
    private final ProtocolStack stack;
    private final PeerSockets sockets;
    private final DataConnections data;
    private final EventDispatcher events;
    private final Prober prober;
    private final ConnectionRecovery recovery;
    private final ProcessEnd processEnd;
    private volatile boolean closed;

    /** {@code alone} returns whether this node has left the cluster. */
    LostConnections(
            WireSettings settings,
            AtomicReference<ViewMembers> members,
            BooleanSupplier alone,
            ProtocolStack stack,
            PeerSockets sockets,
            DataConnections data,
            EventDispatcher events,
            Prober prober) {
        this.self = settings.self();
        this.members = members;
        this.alone = alone;
        this.stack = stack;
        this.sockets = sockets;
        this.data = data;
        this.events = events;
        this.prober = prober;
        Consumer<Duration> pause = time -> PeerSockets.pause(time.toMillis());
        this.recovery = new ConnectionRecovery(
                this::isSilent,
                this::sign,
                this::replaceConnection,
                this::gone,
                pause,
                task -> Thread.ofVirtual().name("heliodor-recovery").start(task));
        this.processEnd = new ProcessEnd(
                this::port,
                peer -> closed || isReached(peer),
                this::exclude,
                stack.detector()::verify,
                patience(settings.timing()),
                pause);
    }

    /** How long the port of a member refuses until its process has ended: 1.25 s, less with short heartbeats. */
    private static Duration patience(Timing timing) {
        Duration heartbeats = timing.heartbeat().multipliedBy(5).dividedBy(4);
        return heartbeats.compareTo(MAX_PATIENCE) < 0 ? heartbeats : MAX_PATIENCE;
    }

    /** Excludes a member that is known to be dead, without verifying. */
    void exclude(Peer dead) {
        Address address = members.get().addresses().get(dead);
        if (address != null && !dead.equals(self)) {
            events.suspect(dead);
            sockets.abort(dead);
            data.end(dead);
            Thread.ofVirtual().start(() -> stack.membership().up(new Event(Event.SUSPECT, List.of(address))));
        }
    }

    /** Replaces the connections to a member from which nothing comes, as soon as it answers. Does not block. */
    void recover(Peer peer) {
        recovery.start(peer);
    }

    /** Whether it is a member from which nothing comes directly. */
    boolean isSilent(Peer peer) {
        Address address = members.get().addresses().get(peer);
        return address != null && !alone.getAsBoolean() && stack.detour().silent(address);
    }

    private void replaceConnection(Peer peer) {
        InetSocketAddress at = members.get().reachedAt().get(peer);
        if (at != null) {
            data.end(peer);
            if (sockets.abortSilent(peer)) {
                WireLog.LOG.info("The connection to {} hangs although it answers: it is replaced.", peer);
            }
            sockets.tryAgain(at);
            ping(peer);
        }
    }

    private Prober.Port port(Peer peer) {
        InetSocketAddress at = members.get().reachedAt().get(peer);
        return at == null ? Prober.Port.SILENT : prober.port(at);
    }

    private boolean isReached(Peer peer) {
        Address address = members.get().addresses().get(peer);
        return address == null || stack.detour().isReached(address);
    }

    /** Begins a handshake with a member. One that answers is not excluded for a while. Blocks. */
    private Prober.Sign sign(Peer peer) {
        ViewMembers present = members.get();
        Address address = present.addresses().get(peer);
        InetSocketAddress at = present.reachedAt().get(peer);
        if (address == null || at == null) {
            return Prober.Sign.GONE;
        }
        Prober.Sign sign = prober.sign(peer, at);
        if (sign == Prober.Sign.ALIVE) {
            stack.detector().answered(address);
        }
        return sign;
    }

    /** Reports a lost connection to the detour, unless this node leaves: then its peers close their connections. Blocks. */
    void ended(Peer peer) {
        if (stack.membership().isLeaving()) {
            return;
        }
        switch (sign(peer)) {
            // It has replaced a connection that hung for it. The next one may take longer than the time to verify a
            // suspect.
            case ALIVE -> ping(peer);
            // An outage may end connections as well, and a busy machine answers late: heartbeats and further attempts
            // decide.
            case NONE -> {
                data.end(peer);
                stack.detour().ended(peer);
                stack.detector().ended(peer);
                recover(peer);
            }
            case GONE -> {
                data.end(peer);
                stack.detour().ended(peer);
                recover(peer); // its port may open again
                gone(peer);
            }
        }
    }

    /** Suspects a member whose last connection has ended and whose process seems to, and excludes it if it has. Blocks. */
    private void gone(Peer peer) {
        if (stack.detour().hasEnded(peer)) {
            stack.detector().suspect(peer);
            processEnd.check(peer);
        }
    }

    private void ping(Peer peer) {
        Address address = members.get().addresses().get(peer);
        if (address != null) {
            stack.detector().ping(address);
        }
    }

    /** Ends the attempts to replace connections, and the checks of processes. */
    @Override
    public void close() {
        closed = true;
        recovery.close();
    }
}
