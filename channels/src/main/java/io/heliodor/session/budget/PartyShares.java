package io.heliodor.session.budget;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How much of a budget each party holds on each lane, as each lane measured it last while memory was short. Any thread may use it.
 *
 * <p>So that a lane closes connections of the party that holds most of all, and none where another lane has a larger one.
 */
public final class PartyShares {
    /** The measurement of a lane that was not repeated within so many sweeps of each lane does not count: its loop may hang. */
    private static final int MAX_MISSED = 8;

    private static final int NETWORK_BYTES = 8;

    /** @param missed the sweeps of other lanes since it was measured */
    private record Share(Map<Object, Long> bytes, AtomicInteger missed) {}

    private final Map<Object, Share> lanes = new ConcurrentHashMap<>();

    PartyShares() {}

    /**
     * Sets what the parties hold on a lane.
     *
     * @param lane stands for the lane
     * @param bytes by party; not changed any more
     */
    public void set(Object lane, Map<Object, Long> bytes) {
        lanes.put(lane, new Share(bytes, new AtomicInteger()));
    }

    /** A lane has swept while memory was short. */
    public void swept(Object lane) {
        int limit = MAX_MISSED * lanes.size();
        lanes.forEach((other, share) -> {
            if (!other.equals(lane) && share.missed().incrementAndGet() > limit) {
                lanes.remove(other, share);
            }
        });
    }

    /** Memory is not short any more, as a lane sees it. */
    public void forget(Object lane) {
        lanes.remove(lane);
    }

    /**
     * The bytes of the parties on all lanes.
     *
     * @return bytes by party, the largest first
     */
    public Map<Object, Long> largestFirst() {
        Map<Object, Long> sums = new HashMap<>();
        lanes.values().forEach(share -> share.bytes().forEach((party, bytes) -> sums.merge(party, bytes, Long::sum)));
        Map<Object, Long> ordered = new LinkedHashMap<>();
        sums.entrySet().stream()
                .sorted(Map.Entry.<Object, Long>comparingByValue(Comparator.reverseOrder()))
                .forEach(each -> ordered.put(each.getKey(), each.getValue()));
        return ordered;
    }

    /**
     * The party of a client without an id: its network.
     *
     * @param client its address
     * @return the address; of IPv6 its first 64 bits, because one client usually has the whole network
     */
    public static InetAddress network(InetAddress client) {
        if (!(client instanceof Inet6Address)) {
            return client;
        }
        byte[] bytes = client.getAddress();
        Arrays.fill(bytes, NETWORK_BYTES, bytes.length, (byte) 0);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("16 bytes are an address", e);
        }
    }
}
