package io.heliodor.transport.http;

import io.heliodor.limit.ConnectionLimits;
import io.heliodor.session.budget.PartyShares;
import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The permits for clients, in total and for each address, and for the other connections of each address. Any thread may
 * use them.
 */
public final class ConnectionPermits {
    private final int maxConnections;
    private final int maxConnectionsOfAddress;
    private final int maxHandshakesOfAddress;
    private final int maxHandshakesOfLoopback;

    private final AtomicInteger connections = new AtomicInteger();
    private final AddressCounts connectionsByAddress = new AddressCounts();
    private final AddressCounts handshakesByAddress = new AddressCounts();

    public ConnectionPermits(ConnectionLimits limits) {
        maxConnections = limits.max();
        maxConnectionsOfAddress = limits.maxPerAddress();
        maxHandshakesOfAddress = limits.maxHandshakesPerAddress();
        maxHandshakesOfLoopback = limits.maxHandshakesOfLoopback();
    }

    /** A permit, or the limit that was reached. */
    public sealed interface Outcome {
        /** A permit, which the caller releases. */
        record Granted(Permit permit) implements Outcome {}

        /** The total limit was reached. */
        record TooMany() implements Outcome {}

        /** The limit of the address was reached. */
        record TooManyOfAddress() implements Outcome {}
    }

    /** The right to one connection or handshake. */
    public interface Permit {
        /** Releases the permit; further calls have no effect. */
        void release();
    }

    /** The permit where no limit is set. */
    public enum Unlimited implements Permit {
        UNLIMITED;

        @Override
        public void release() {}
    }

    /** Acquires a permit for a connection of an address. */
    Outcome connection(InetAddress client) {
        if (maxConnections == Integer.MAX_VALUE) {
            return acquire(connectionsByAddress, client, maxConnectionsOfAddress);
        }
        if (connections.incrementAndGet() > maxConnections) {
            connections.decrementAndGet();
            return new Outcome.TooMany();
        }
        Permit ofAll = once(connections::decrementAndGet);
        Outcome ofAddress = acquire(connectionsByAddress, client, maxConnectionsOfAddress);
        if (!(ofAddress instanceof Outcome.Granted(Permit permit))) {
            ofAll.release();
            return ofAddress;
        }
        return new Outcome.Granted(() -> {
            ofAll.release();
            permit.release();
        });
    }

    /** Acquires a permit for a connection of an address that is neither a WebSocket nor one of a session that polls. */
    public Outcome handshake(InetAddress client) {
        return acquire(handshakesByAddress, client, maxHandshakes(client));
    }

    /** The same for a connection that waits for its next request: these leave half of the permits for new connections. */
    Outcome waiting(InetAddress client) {
        int max = maxHandshakes(client);
        return acquire(handshakesByAddress, client, max == Integer.MAX_VALUE ? max : max / 2);
    }

    /** Whether a connection that has a permit may wait for its next request, by the same rule. */
    boolean mayWait(InetAddress client) {
        int max = maxHandshakes(client);
        return max == Integer.MAX_VALUE || handshakesByAddress.count(PartyShares.network(client)) <= max / 2;
    }

    private int maxHandshakes(InetAddress client) {
        return client.isLoopbackAddress() ? maxHandshakesOfLoopback : maxHandshakesOfAddress;
    }

    private static Outcome acquire(AddressCounts counts, InetAddress client, int max) {
        if (max == Integer.MAX_VALUE) {
            return new Outcome.Granted(Unlimited.UNLIMITED);
        }
        InetAddress network = PartyShares.network(client);
        if (!counts.acquire(network, max)) {
            return new Outcome.TooManyOfAddress();
        }
        return new Outcome.Granted(once(() -> counts.release(network)));
    }

    /** A permit that calls a task at its first release. */
    static Permit once(Runnable release) {
        AtomicBoolean released = new AtomicBoolean();
        return () -> {
            if (released.compareAndSet(false, true)) {
                release.run();
            }
        };
    }

    /** The number of addresses that hold permits. */
    public int addressCount() {
        return connectionsByAddress.size() + handshakesByAddress.size();
    }

    /** Counts by address, without entries for zero. */
    private static final class AddressCounts {
        private final ConcurrentHashMap<InetAddress, Integer> byAddress = new ConcurrentHashMap<>();

        boolean acquire(InetAddress address, int max) {
            boolean[] acquired = new boolean[1];
            byAddress.compute(address, (key, number) -> {
                int current = number == null ? 0 : number;
                acquired[0] = current < max;
                return acquired[0] ? Integer.valueOf(current + 1) : number;
            });
            return acquired[0];
        }

        void release(InetAddress address) {
            byAddress.computeIfPresent(address, (key, number) -> number == 1 ? null : number - 1);
        }

        int count(InetAddress address) {
            return byAddress.getOrDefault(address, 0);
        }

        int size() {
            return byAddress.size();
        }
    }
}
