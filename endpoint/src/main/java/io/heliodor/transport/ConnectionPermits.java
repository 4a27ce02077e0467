package io.heliodor.transport;

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
final class ConnectionPermits {
    private static final int NETWORK_BYTES = 8;

    private final int maxConnections;
    private final int maxConnectionsOfAddress;
    private final int maxHandshakesOfAddress;
    private final int maxHandshakesOfLoopback;

    private final AtomicInteger connections = new AtomicInteger();
    private final Tally connectionsOf = new Tally();
    private final Tally handshakesOf = new Tally();

    ConnectionPermits(ConnectionLimits limits) {
        maxConnections = limits.max();
        maxConnectionsOfAddress = limits.maxPerAddress();
        maxHandshakesOfAddress = limits.maxHandshakesPerAddress();
        maxHandshakesOfLoopback = limits.maxHandshakesOfLoopback();
    }

    /** A permit, or why there is none. */
    sealed interface Outcome {
        /** A permit, to be given back. */
        record Taken(Permit permit) implements Outcome {}

        /** There are too many in all. */
        record TooMany() implements Outcome {}

        /** There are too many of this address. */
        record TooManyOfAddress() implements Outcome {}
    }

    /** The right to one connection or handshake. */
    interface Permit {
        /** Gives it back; again does nothing. */
        void leave();
    }

    /** A permit of a limit that counts nothing. */
    enum Uncounted implements Permit {
        UNCOUNTED;

        @Override
        public void leave() {}
    }

    /** A connection of an address. */
    Outcome connection(InetAddress client) {
        if (maxConnections == Integer.MAX_VALUE) {
            return take(connectionsOf, client, maxConnectionsOfAddress);
        }
        if (connections.incrementAndGet() > maxConnections) {
            connections.decrementAndGet();
            return new Outcome.TooMany();
        }
        Permit ofAll = once(connections::decrementAndGet);
        Outcome ofAddress = take(connectionsOf, client, maxConnectionsOfAddress);
        if (!(ofAddress instanceof Outcome.Taken(Permit permit))) {
            ofAll.leave();
            return ofAddress;
        }
        return new Outcome.Taken(() -> {
            ofAll.leave();
            permit.leave();
        });
    }

    /** An unfinished handshake of an address. */
    Outcome handshake(InetAddress client) {
        return take(
                handshakesOf, client, client.isLoopbackAddress() ? maxHandshakesOfLoopback : maxHandshakesOfAddress);
    }

    private static Outcome take(Tally tally, InetAddress client, int most) {
        if (most == Integer.MAX_VALUE) {
            return new Outcome.Taken(Uncounted.UNCOUNTED);
        }
        InetAddress network = network(client);
        if (!tally.enter(network, most)) {
            return new Outcome.TooManyOfAddress();
        }
        return new Outcome.Taken(once(() -> tally.leave(network)));
    }

    private static Permit once(Runnable leave) {
        AtomicBoolean left = new AtomicBoolean();
        return () -> {
            if (left.compareAndSet(false, true)) {
                leave.run();
            }
        };
    }

    /** How many addresses are remembered. */
    int addresses() {
        return connectionsOf.size() + handshakesOf.size();
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
    private static final class Tally {
        private final ConcurrentHashMap<InetAddress, Integer> numbers = new ConcurrentHashMap<>();

        boolean enter(InetAddress address, int most) {
            boolean[] entered = new boolean[1];
            numbers.compute(address, (key, number) -> {
                int present = number == null ? 0 : number;
                entered[0] = present < most;
                return entered[0] ? Integer.valueOf(present + 1) : number;
            });
            return entered[0];
        }

        void leave(InetAddress address) {
            numbers.computeIfPresent(address, (key, number) -> number == 1 ? null : number - 1);
        }

        int size() {
            return numbers.size();
        }
    }
}
