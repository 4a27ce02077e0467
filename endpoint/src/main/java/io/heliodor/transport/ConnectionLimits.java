package io.heliodor.transport;

import io.heliodor.limit.Limits;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many connections and unfinished handshakes there are, in all and of each address, and whether one more may be. Any
 * thread may use it.
 */
final class ConnectionLimits {
    private static final int NETWORK_BYTES = 8;

    private final int mostConnections;
    private final int mostConnectionsOfOne;
    private final int mostHandshakesOfOne;
    private final int mostHandshakesOfLoopback;

    private final AtomicInteger connections = new AtomicInteger();
    private final Tally connectionsOf = new Tally();
    private final Tally handshakesOf = new Tally();

    ConnectionLimits(Limits limits) {
        mostConnections = limits.connections();
        mostConnectionsOfOne = limits.connectionsPerAddress();
        mostHandshakesOfOne = limits.handshakesPerAddress();
        mostHandshakesOfLoopback = limits.handshakesOfLoopback();
    }

    /** What was asked for. */
    sealed interface Outcome {
        /** A place, to be given back. */
        record Taken(Place place) implements Outcome {}

        /** There are too many in all. */
        record TooMany() implements Outcome {}

        /** There are too many of this address. */
        record TooManyOfAddress() implements Outcome {}
    }

    /** What one of those counted has taken. */
    interface Place {
        /** Gives it back; again does nothing. */
        void leave();
    }

    /** A place where nothing is counted. */
    enum Uncounted implements Place {
        UNCOUNTED;

        @Override
        public void leave() {}
    }

    /** A connection of an address. */
    Outcome connection(InetAddress client) {
        if (mostConnections == Integer.MAX_VALUE) {
            return take(connectionsOf, client, mostConnectionsOfOne);
        }
        if (connections.incrementAndGet() > mostConnections) {
            connections.decrementAndGet();
            return new Outcome.TooMany();
        }
        Place ofAll = once(connections::decrementAndGet);
        Outcome ofAddress = take(connectionsOf, client, mostConnectionsOfOne);
        if (!(ofAddress instanceof Outcome.Taken(Place place))) {
            ofAll.leave();
            return ofAddress;
        }
        return new Outcome.Taken(() -> {
            ofAll.leave();
            place.leave();
        });
    }

    /** An unfinished handshake of an address. */
    Outcome handshake(InetAddress client) {
        return take(handshakesOf, client, client.isLoopbackAddress() ? mostHandshakesOfLoopback : mostHandshakesOfOne);
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

    private static Place once(Runnable leave) {
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
