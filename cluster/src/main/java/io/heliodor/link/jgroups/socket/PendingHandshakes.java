package io.heliodor.link.jgroups.socket;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The connections whose handshake has not ended, limited in number. Thread-safe.
 *
 * @param <C> a connection
 */
final class PendingHandshakes<C> {
    private final int max;

    /** In the order in which they began. */
    @GuardedBy("this")
    private final Map<C, InetAddress> open = new LinkedHashMap<>();

    @GuardedBy("this")
    private final Map<InetAddress, Integer> counts = new HashMap<>();

    PendingHandshakes(int max) {
        this.max = max;
    }

    /** Adds a connection. Above the maximum it removes and returns another: the oldest of the address that has most. */
    synchronized Optional<C> add(C connection, InetAddress address) {
        Optional<C> evicted = open.size() < max ? Optional.empty() : oldestOfBusiest();
        evicted.ifPresent(this::remove);
        open.put(connection, address);
        counts.merge(address, 1, Integer::sum);
        return evicted;
    }

    @GuardedBy("this")
    private Optional<C> oldestOfBusiest() {
        int highest = counts.values().stream().mapToInt(Integer::intValue).max().orElse(0);
        for (Map.Entry<C, InetAddress> each : open.entrySet()) {
            if (counts.getOrDefault(each.getValue(), 0) == highest) {
                return Optional.of(each.getKey());
            }
        }
        return Optional.empty();
    }

    /** Removes a connection; false if it was removed before. */
    synchronized boolean remove(C connection) {
        InetAddress address = open.remove(connection);
        if (address != null) {
            counts.computeIfPresent(address, (same, count) -> count == 1 ? null : count - 1);
        }
        return address != null;
    }

    /** Removes and returns all. */
    synchronized List<C> clear() {
        List<C> all = List.copyOf(open.keySet());
        open.clear();
        counts.clear();
        return all;
    }
}
