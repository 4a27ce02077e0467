package io.heliodor.link.jgroups.socket;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.link.Peer;
import io.heliodor.link.Wire;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The data connections of this node: one by which it sends to each member, begun when it first has something to send, and one of
 * each member by which that sends. See {@code docs/design/data-connection.md}. Thread-safe.
 */
public final class DataConnections implements AutoCloseable {
    /** The pauses before another attempt: the first, and the longest. A connection that lasted this long begins anew. */
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);

    private static final Duration LAST_PAUSE = Duration.ofSeconds(30);

    /** The pause after a new connection over which nothing was confirmed: the next one may fail likewise, after a handshake that succeeds. */
    private static final Duration GIVEN_UP = Duration.ofMinutes(5);

    /** A peer that joins may have connected before it is in the view of this node, by so much. */
    private static final Duration BEFORE_VIEW = Duration.ofSeconds(30);

    /** The connection to a member, or the attempts to begin one. */
    private final class Outgoing {
        private final Peer peer;
        private volatile @Nullable DataConnection present;

        /** When the next attempt may begin. */
        private volatile long notBefore = System.nanoTime();

        /** The socket of an attempt that runs. */
        @GuardedBy("this")
        private @Nullable Socket attempting;

        @GuardedBy("this")
        private boolean gone;

        @GuardedBy("this")
        private long pause = FIRST_PAUSE.toNanos();

        Outgoing(Peer peer) {
            this.peer = peer;
        }

        @Nullable
        DataConnection connection() {
            DataConnection now = present;
            if (now == null && System.nanoTime() - notBefore >= 0) {
                attempt();
            }
            return now;
        }

        private synchronized void attempt() {
            if (gone || attempting != null || present != null) {
                return;
            }
            Optional<InetSocketAddress> at = reachedAt.apply(peer);
            if (at.isEmpty()) {
                notBefore = System.nanoTime() + FIRST_PAUSE.toNanos();
                return;
            }
            Socket raw = new Socket();
            attempting = raw;
            Thread.ofVirtual().name("heliodor-data-hello").start(() -> connect(raw, at.get()));
        }

        private void connect(Socket raw, InetSocketAddress at) {
            DataConnection connection = null;
            try {
                Connector.Handshake handshake = connector.connect(at, Hello.Purpose.DATA, Optional.of(peer), raw);
                if (handshake.reply().verdict() == HelloReply.Verdict.ACCEPTED
                        && handshake.connection().peer().equals(peer)) {
                    connection = new DataConnection(handshake.connection(), this::failed, this::givenUp);
                } else {
                    AuthenticatedConnection.abort(handshake.connection().raw());
                }
            } catch (IOException e) {
                PeerSockets.log.debug("No data connection to {}: packets go by JGroups.", peer, e);
            }
            attempted(connection);
        }

        private void attempted(@Nullable DataConnection connection) {
            boolean wanted;
            synchronized (this) {
                attempting = null;
                // Packets may go around a broken link meanwhile.
                wanted = !gone && !closed && reachedAt.apply(peer).isPresent();
                if (connection != null && wanted) {
                    present = connection;
                } else {
                    pauseBeforeNext();
                }
            }
            if (connection != null && wanted) {
                connection.start();
            } else if (connection != null) {
                connection.close(true);
            }
        }

        @GuardedBy("this")
        private void pauseBeforeNext() {
            notBefore = System.nanoTime() + pause;
            pause = Math.min(2 * pause, LAST_PAUSE.toNanos());
        }

        private void failed(DataConnection connection) {
            synchronized (this) {
                present = null;
                if (connection.age() >= LAST_PAUSE.toNanos()) {
                    pause = FIRST_PAUSE.toNanos();
                }
                pauseBeforeNext();
            }
            ended.accept(peer);
        }

        private void givenUp(DataConnection connection) {
            if (connection.age() >= LAST_PAUSE.toNanos()) {
                PeerSockets.log.info("The data connection to {} hung: packets go by JGroups until the next one.", peer);
                failed(connection);
                return;
            }
            PeerSockets.log.info("Nothing arrives by a new data connection to {}: packets go by JGroups.", peer);
            synchronized (this) {
                present = null;
                notBefore = System.nanoTime() + GIVEN_UP.toNanos();
            }
            ended.accept(peer);
        }

        /** Ends the connection, and an attempt that runs, and begins none any more. */
        private void leave(boolean atOnce) {
            DataConnection connection;
            Socket attempt;
            synchronized (this) {
                gone = true;
                connection = present;
                present = null;
                attempt = attempting;
            }
            if (connection != null) {
                connection.close(atOnce);
            }
            if (attempt != null) {
                AuthenticatedConnection.abort(attempt);
            }
        }
    }

    private final Connector connector;
    private final Function<Peer, Optional<InetSocketAddress>> reachedAt;
    private final Consumer<Peer> ended;
    private final PacketReceiver receiver;
    private final Map<Peer, Outgoing> outgoing = new ConcurrentHashMap<>();
    private final Map<Peer, DataReader> incoming = new ConcurrentHashMap<>();
    private volatile boolean closed;

    private volatile Set<Peer> members = Set.of();

    /**
     * No connections yet.
     *
     * @param reachedAt where a connection to a member may begin; empty if packets have to go by JGroups at present
     * @param ended called when one to a member has ended; must not block
     * @param receiver gets the packets, those of a connection in order
     */
    public DataConnections(
            Connector connector,
            Function<Peer, Optional<InetSocketAddress>> reachedAt,
            Consumer<Peer> ended,
            PacketReceiver receiver) {
        this.connector = connector;
        this.reachedAt = reachedAt;
        this.ended = ended;
        this.receiver = receiver;
    }

    /**
     * The connection to a member. Begins one if there is none, and an attempt is due. Does not block.
     *
     * @return null if there is none at present, or the peer has left
     */
    public Wire.@Nullable Way to(Peer member) {
        Outgoing to = outgoing.get(member);
        if (to == null) {
            if (closed || !members.contains(member)) {
                return null;
            }
            to = outgoing.computeIfAbsent(member, Outgoing::new);
        }
        return to.connection();
    }

    /** Takes a connection of a peer. One that it had before is dead: it sends by one only. */
    void accepted(AuthenticatedConnection connection) {
        DataReader reader = new DataReader(connection, receiver, over -> incoming.remove(over.peer(), over));
        DataReader former = incoming.put(reader.peer(), reader);
        if (former != null) {
            former.end();
        }
        if (closed) {
            reader.end();
        }
        reader.start();
    }

    /** Whether bytes of a peer came within the last 2.5 s, or wait to be read. */
    public boolean hasInput(Peer peer) {
        DataReader reader = incoming.get(peer);
        return reader != null && reader.hasInput();
    }

    /** Whether bytes of a peer came within a time. */
    public boolean hasReadWithin(Peer peer, long nanos) {
        DataReader reader = incoming.get(peer);
        return reader != null && reader.hasReadWithin(nanos);
    }

    /** Ends the connection to a member, whose packets do not arrive. */
    public void end(Peer peer) {
        Outgoing to = outgoing.get(peer);
        DataConnection connection = to == null ? null : to.present;
        if (connection != null) {
            connection.fail();
        }
    }

    /**
     * Ends the connections of both directions with those that are no members any more. If there are none, this node leaves: what it
     * has sent still arrives.
     */
    public synchronized void members(Set<Peer> next) {
        Set<Peer> before = members;
        members = Set.copyOf(next);
        outgoing.forEach((peer, to) -> {
            if (!next.contains(peer) && outgoing.remove(peer, to)) {
                to.leave(!next.isEmpty());
            }
        });
        incoming.forEach((peer, reader) -> {
            if (!next.contains(peer) && (before.contains(peer) || reader.isOlderThan(BEFORE_VIEW.toNanos()))) {
                reader.end();
            }
        });
    }

    /** Ends the waits of receivers, because the wire is closing. */
    public void interrupt() {
        incoming.values().forEach(DataReader::interrupt);
    }

    /** Closes all connections. Packets that were sent still arrive. */
    @Override
    public void close() {
        closed = true;
        outgoing.values().forEach(to -> to.leave(false));
        incoming.values().forEach(DataReader::end);
    }
}
