package io.heliodor.link.jgroups.socket;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The rates at which strangers may begin handshakes: one for each address, so that none uses up those of the others, and
 * one for all. The first handshakes of an address have a rate of their own: a node that joins makes a few, and floods from
 * other addresses do not keep it out. Times come with the calls. Thread-safe.
 */
final class StrangerRates {
    static final int PER_SECOND = 50;
    static final int PER_SECOND_OF_ADDRESS = 20;

    /** The first handshakes of an address that was silent lately. */
    static final int FIRST = 10;

    private static final int BURST_OF_ADDRESS = 40;

    /** More strangers than a cluster has. It bounds memory. The address that was used least lately is forgotten. */
    private static final int MAX_ADDRESSES = 1_024;

    private static final long SECOND = 1_000_000_000L;

    private final Bucket newcomers;
    private final Bucket others;

    /** By the address, or the first 64 bits of an IPv6 one: one host has at least these. In the order of their last use. */
    private final Map<ByteBuffer, Bucket> addresses = new LinkedHashMap<>(16, 0.75f, true);

    /** Tokens, in parts of a second. */
    private static final class Bucket {
        private final int perSecond;
        private final int burst;
        private long tokens;
        private long refilled;

        Bucket(int perSecond, int burst, long now) {
            this.perSecond = perSecond;
            this.burst = burst;
            this.tokens = burst * SECOND;
            this.refilled = now;
        }

        void refill(long now) {
            // A time that would overflow the product has filled the bucket.
            long passed = Math.min(now - refilled, burst * SECOND);
            tokens = Math.min(burst * SECOND, tokens + passed * perSecond);
            refilled = now;
        }

        int used() {
            return burst - (int) (tokens / SECOND);
        }

        boolean take() {
            if (tokens < SECOND) {
                return false;
            }
            tokens -= SECOND;
            return true;
        }
    }

    StrangerRates(long now) {
        this.newcomers = new Bucket(PER_SECOND, PER_SECOND, now);
        this.others = new Bucket(PER_SECOND, PER_SECOND, now);
    }

    /** Whether a stranger of an address may begin one more handshake. Counts it for the address in any case. */
    synchronized boolean admit(InetAddress address, long now) {
        Bucket own = of(address, now);
        own.refill(now);
        newcomers.refill(now);
        others.refill(now);
        boolean first = own.used() < FIRST;
        // Charged for each attempt: otherwise an address that the common rate refuses would count as a newcomer again.
        return own.take() && ((first && newcomers.take()) || others.take());
    }

    private Bucket of(InetAddress address, long now) {
        byte[] bytes = address.getAddress();
        ByteBuffer key = ByteBuffer.wrap(bytes, 0, address instanceof Inet6Address ? 8 : bytes.length);
        Bucket known = addresses.get(key);
        if (known != null) {
            return known;
        }
        if (addresses.size() >= MAX_ADDRESSES) {
            Iterator<ByteBuffer> oldest = addresses.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
        Bucket fresh = new Bucket(PER_SECOND_OF_ADDRESS, BURST_OF_ADDRESS, now);
        addresses.put(key, fresh);
        return fresh;
    }
}
