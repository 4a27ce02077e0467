package io.heliodor.link.jgroups;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Connections whose handshake is not finished: how many there may be, and which one gives way. Pure: the time is given.
 *
 * @param <C> a connection
 */
final class PendingHandshakes<C> {
    /** The most that strangers may begin in a second. */
    private static final int STRANGERS_A_SECOND = 50;

    private static final long SECOND = 1_000_000_000L;

    private final int most;
    /** In the order in which they began. */
    private final Map<C, InetAddress> open = new LinkedHashMap<>();

    private final Map<InetAddress, Integer> counts = new HashMap<>();
    private long allowance = STRANGERS_A_SECOND * SECOND;
    private long counted;

    PendingHandshakes(int most, long now) {
        this.most = most;
        this.counted = now;
    }

    /** Whether one more stranger may begin a handshake. */
    synchronized boolean admits(long now) {
        allowance = Math.min(STRANGERS_A_SECOND * SECOND, allowance + (now - counted) * STRANGERS_A_SECOND);
        counted = now;
        if (allowance < SECOND) {
            return false;
        }
        allowance -= SECOND;
        return true;
    }

    /** Adds one; the one that is returned must give way: the oldest of the address that has most. */
    synchronized Optional<C> add(C connection, InetAddress address) {
        Optional<C> evicted = open.size() < most ? Optional.empty() : oldestOfMost();
        evicted.ifPresent(this::remove);
        open.put(connection, address);
        counts.merge(address, 1, Integer::sum);
        return evicted;
    }

    private Optional<C> oldestOfMost() {
        int highest = counts.values().stream().mapToInt(Integer::intValue).max().orElse(0);
        return open.entrySet().stream()
                .filter(entry -> counts.getOrDefault(entry.getValue(), 0) == highest)
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** Removes one; false if it is not there any more. */
    synchronized boolean remove(C connection) {
        InetAddress address = open.remove(connection);
        if (address != null) {
            counts.computeIfPresent(address, (same, count) -> count == 1 ? null : count - 1);
        }
        return address != null;
    }

    /** Removes all. */
    synchronized List<C> clear() {
        List<C> all = List.copyOf(open.keySet());
        open.clear();
        counts.clear();
        return all;
    }

    synchronized int size() {
        return open.size();
    }
}
