package io.heliodor.transport.http;

import io.heliodor.limit.ConnectionLimits;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts connections and unfinished handshakes, in all and of each address, and gives permits for more up to the limits.
 * Any thread may use it.
 */
public final class ConnectionPermits {
    private static final int NETWORK_BYTES = 8;

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

    /** A permit, or why there is none. */
    public sealed interface Outcome {
        /** A permit, to be given back. */
        record Granted(Permit permit) implements Outcome {}

        /** There are too many in all. */
        record TooMany() implements Outcome {}

        /** There are too many of this address. */
        record TooManyOfAddress() implements Outcome {}
    }

    /** The right to one connection or handshake. */
    public interface Permit {
        /** Gives it back; again does nothing. */
        void release();
    }

    /** A permit of a limit that counts nothing. */
    public enum Unlimited implements Permit {
        UNLIMITED;

        @Override
        public void release() {}
    }

    /** A connection of an address. */
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

    /** An unfinished handshake of an address. */
    public Outcome handshake(InetAddress client) {
        return acquire(
                handshakesByAddress,
                client,
                client.isLoopbackAddress() ? maxHandshakesOfLoopback : maxHandshakesOfAddress);
    }

    private static Outcome acquire(AddressCounts counts, InetAddress client, int max) {
        if (max == Integer.MAX_VALUE) {
            return new Outcome.Granted(Unlimited.UNLIMITED);
        }
        InetAddress network = network(client);
        if (!counts.acquire(network, max)) {
            return new Outcome.TooManyOfAddress();
        }
        return new Outcome.Granted(once(() -> counts.release(network)));
    }

    private static Permit once(Runnable release) {
        AtomicBoolean released = new AtomicBoolean();
        return () -> {
            if (released.compareAndSet(false, true)) {
                release.run();
            }
        };
    }

    /** How many addresses are remembered. */
    public int addressCount() {
        return connectionsByAddress.size() + handshakesByAddress.size();
    }

    /** What counts as one address: of IPv6 the first 64 bits, since one client has all the rest. */
    static InetAddress network(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return address;
        }
        byte[] bytes = address.getAddress();
        Arrays.fill(bytes, NETWORK_BYTES, bytes.length, (byte) 0);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("16 bytes are an address", e);
        }
    }

    /** Numbers by address; those at zero are forgotten. */
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

        int size() {
            return byAddress.size();
        }
    }
}
