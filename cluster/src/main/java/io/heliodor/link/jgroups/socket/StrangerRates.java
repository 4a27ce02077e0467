package io.heliodor.link.jgroups.socket;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The rates at which strangers may begin handshakes: one for each address, so that none uses up those of the others, and
 * one for all. The first handshakes of an address in a minute have a rate of their own: a node that joins makes a few, and
 * floods from other addresses do not keep it out. A network has a part of that rate, because a stranger with one network has
 * many addresses. Times come with the calls. Thread-safe.
 */
final class StrangerRates {
    static final int PER_SECOND = 50;
    static final int PER_SECOND_OF_ADDRESS = 20;

    /** The first handshakes of an address, in a minute. */
    static final int FIRST = 10;

    /** The first handshakes of all addresses of a network, in a second: a fifth of those of all. */
    static final int FIRST_PER_SECOND_OF_NETWORK = 10;

    private static final int BURST_OF_ADDRESS = 40;
    private static final int BURST_OF_NETWORK = 100;

    /** More than a cluster has. It bounds memory. The address or network that was used least lately is forgotten. */
    private static final int MAX_ADDRESSES = 1_024;

    private static final long SECOND = 1_000_000_000L;
    private static final long MINUTE = 60 * SECOND;

    private final Bucket newcomers;
    private final Bucket others;

    /** By the address, or the first 64 bits of an IPv6 one: one host has at least these. */
    @GuardedBy("this")
    private final Map<ByteBuffer, Address> addresses = latest();

    /** The first handshakes by the first 24 bits of an IPv4 address, or 48 of an IPv6 one: one customer may have these. */
    @GuardedBy("this")
    private final Map<ByteBuffer, Bucket> networks = latest();

    /** The tokens of an address: of all its handshakes, and of the first ones. */
    private record Address(Bucket all, Bucket first) {}

    /** Tokens, in parts of a period. */
    private static final class Bucket {
        private final int rate;
        private final long period;
        private final long capacity;
        private long tokens;
        private long refilled;

        /**
         * A full bucket.
         *
         * @param rate the tokens for each period
         * @param burst its capacity
         */
        Bucket(int rate, long period, int burst, long now) {
            this.rate = rate;
            this.period = period;
            this.capacity = burst * period;
            this.tokens = capacity;
            this.refilled = now;
        }

        boolean take(long now) {
            // A time that would overflow the product has filled the bucket.
            tokens = Math.min(capacity, tokens + Math.min(now - refilled, capacity) * rate);
            refilled = now;
            if (tokens < period) {
                return false;
            }
            tokens -= period;
            return true;
        }
    }

    StrangerRates(long now) {
        this.newcomers = new Bucket(PER_SECOND, SECOND, PER_SECOND, now);
        this.others = new Bucket(PER_SECOND, SECOND, PER_SECOND, now);
    }

    /** Whether a stranger of an address may begin one more handshake. Counts it for the address in any case. */
    synchronized boolean admit(InetAddress address, long now) {
        boolean v6 = address instanceof Inet6Address;
        Address own = addresses.computeIfAbsent(
                key(address, v6 ? 8 : 4),
                _ -> new Address(
                        new Bucket(PER_SECOND_OF_ADDRESS, SECOND, BURST_OF_ADDRESS, now),
                        new Bucket(FIRST, MINUTE, FIRST, now)));
        Bucket network = networks.computeIfAbsent(
                key(address, v6 ? 6 : 3), _ -> new Bucket(FIRST_PER_SECOND_OF_NETWORK, SECOND, BURST_OF_NETWORK, now));
        // Charged for each attempt: otherwise an address that the common rate refuses would count as a newcomer again.
        boolean allowed = own.all.take(now);
        boolean first = own.first.take(now);
        return allowed && ((first && network.take(now) && newcomers.take(now)) || others.take(now));
    }

    private static ByteBuffer key(InetAddress address, int bytes) {
        return ByteBuffer.wrap(address.getAddress(), 0, bytes);
    }

    /** A map that forgets the entry that was used least lately. */
    private static <V> Map<ByteBuffer, V> latest() {
        return new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<ByteBuffer, V> eldest) {
                return size() > MAX_ADDRESSES;
            }
        };
    }
}
