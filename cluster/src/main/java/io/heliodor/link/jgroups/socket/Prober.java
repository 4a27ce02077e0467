package io.heliodor.link.jgroups.socket;

import io.heliodor.link.Peer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/**
 * Probes addresses: which node is there, and does it accept this one? A node probes its seeds before JGroups starts,
 * since JGroups does not report refusals. Thread-safe.
 */
public record Prober(Connector connector, Duration patience) {
    private static final long RETRY_MILLIS = 200;

    /** A node that is closing may look like one that refuses. */
    private static final int ATTEMPTS_WHEN_REFUSED = 2;

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /**
     * A prober that goes on for five seconds with a node that closes connections without a reply: it may have too many
     * handshakes of strangers.
     */
    public Prober(Connector connector) {
        this(connector, PATIENCE);
    }

    /** The result of a probe. */
    public sealed interface Result {
        /** The probed address. */
        InetSocketAddress at();

        /** A node that accepts this one. */
        record Accepted(InetSocketAddress at, HelloReply reply) implements Result {}

        /** A node that refuses this one. */
        record Refused(InetSocketAddress at, String why) implements Result {}

        /** No node, or this node itself. */
        record Unreached(InetSocketAddress at, String why) implements Result {}

        /** Each connection was closed without a reply, perhaps because of too many handshakes of strangers. */
        record Closed(InetSocketAddress at, String why) implements Result {}
    }

    /**
     * Probes all addresses at once. Blocks as long as the slowest takes: two handshakes and 200 ms, or the patience and
     * one handshake while a node closes the connections.
     */
    public List<Result> probe(Collection<InetSocketAddress> addresses) throws InterruptedException {
        return forEach(addresses, address -> probe(address, Optional.empty()));
    }

    /**
     * Whether this incarnation may be alive at the address: it answers, or connections are closed without a reply, which only
     * shows that something listens. Blocks as {@link #probe}.
     */
    public boolean mayBeAlive(Peer peer, InetSocketAddress at) {
        return switch (probe(at, Optional.of(peer))) {
            case Result.Accepted(var _, var reply) -> reply.from().equals(peer);
            case Result.Closed _ -> true;
            case Result.Refused _, Result.Unreached _ -> false;
        };
    }

    /** The meaning of one attempt for an incarnation. */
    public enum Sign {
        /** It answers, and accepts this node. */
        ALIVE,
        /** Its port refuses, or another incarnation is there, or one that refuses this node. */
        GONE,
        /**
         * Nothing came in time, the network is not reached, or the connection was closed: the network is down, or the machine is
         * slow or flooded, or its process is just ending.
         */
        NONE
    }

    /** The sign of an incarnation at the address, in one attempt. Blocks for one handshake. */
    public Sign sign(Peer peer, InetSocketAddress at) {
        try {
            return probeOnce(at, Optional.of(peer)) instanceof Result.Accepted(var _, var reply)
                            && reply.from().equals(peer)
                    ? Sign.ALIVE
                    : Sign.GONE;
        } catch (HandshakeRefusedException e) {
            return Sign.GONE;
        } catch (IOException e) {
            return Connector.isRefused(e) ? Sign.GONE : Sign.NONE;
        }
    }

    /** The outcome of a connection. */
    public enum Port {
        /** A process listens. */
        TAKEN,
        /** The machine lives, and no process listens. */
        REFUSED,
        /** Nothing came in time, or the address is not reached. */
        SILENT
    }

    /** Tries a connection to the address, without a handshake. Blocks for at most a second. */
    public Port port(InetSocketAddress at) {
        try (Socket raw = new Socket()) {
            connector.connect(raw, at);
            return Port.TAKEN;
        } catch (IOException e) {
            return Connector.isRefused(e) ? Port.REFUSED : Port.SILENT;
        }
    }

    /** Reports to members that a peer is dead. A member that is not reached finds out by the next view. Blocks. */
    public void reportDead(Peer dead, Collection<InetSocketAddress> members) throws InterruptedException {
        forEach(members, member -> {
            try {
                AuthenticatedConnection.close(connector
                        .connect(member, Hello.Purpose.DECLARE_DEAD, Optional.of(dead), new Socket())
                        .connection()
                        .raw());
                return true;
            } catch (IOException e) {
                PeerSockets.log.debug("{} did not get the notice that {} is dead.", member, dead, e);
                return false;
            }
        });
    }

    private static <T> List<T> forEach(Collection<InetSocketAddress> addresses, Function<InetSocketAddress, T> action)
            throws InterruptedException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<T>> futures = new ArrayList<>();
            addresses.forEach(address -> futures.add(threads.submit(() -> action.apply(address))));
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get());
            }
            return results;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private Result probe(InetSocketAddress address, Optional<Peer> expected) {
        long begin = System.nanoTime();
        Result result = attempt(address, expected);
        for (int made = 1; isWorthAnother(result, made, System.nanoTime() - begin); made++) {
            try {
                Thread.sleep(RETRY_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
            result = attempt(address, expected);
        }
        return result;
    }

    private boolean isWorthAnother(Result result, int made, long nanos) {
        return switch (result) {
            case Result.Accepted _, Result.Unreached _ -> false;
            case Result.Refused _ -> made < ATTEMPTS_WHEN_REFUSED;
            case Result.Closed _ -> nanos < patience.toNanos();
        };
    }

    private Result attempt(InetSocketAddress address, Optional<Peer> expected) {
        if (address.isUnresolved()) {
            return new Result.Unreached(address, "its name has no address");
        }
        try {
            return probeOnce(address, expected);
        } catch (HandshakeRefusedException e) {
            return new Result.Refused(address, String.valueOf(e.getMessage()));
        } catch (ClosedByPeer e) {
            return new Result.Closed(address, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return new Result.Unreached(address, String.valueOf(e.getMessage()));
        }
    }

    private Result probeOnce(InetSocketAddress address, Optional<Peer> expected) throws IOException {
        Connector.Handshake handshake = connector.connect(address, Hello.Purpose.PROBE, expected, new Socket());
        AuthenticatedConnection.close(handshake.connection().raw());
        HelloReply reply = handshake.reply();
        return reply.verdict() == HelloReply.Verdict.ACCEPTED
                ? new Result.Accepted(address, reply)
                : new Result.Unreached(address, reply.verdict().name());
    }
}
