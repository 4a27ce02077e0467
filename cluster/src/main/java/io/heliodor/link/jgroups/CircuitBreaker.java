package io.heliodor.link.jgroups;

import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * Remembers which addresses did not answer: for a while nobody tries them again. The first attempt after that while tells
 * whether they answer now. Pure: the time is given.
 */
final class CircuitBreaker {
    private static final long SHORTEST_NANOS = 100_000_000L;
    private static final int MOST_DOUBLINGS = 3;
    /** More than any cluster has; a peer could name any number of addresses. */
    private static final int MOST_ADDRESSES = 4_096;

    private record Down(int failures, long until) {}

    private final Map<InetSocketAddress, Down> down = new HashMap<>();

    /** Whether to try now. */
    synchronized boolean closed(InetSocketAddress address, long now) {
        Down state = down.get(address);
        return state == null || now - state.until >= 0;
    }

    synchronized void failed(InetSocketAddress address, long now) {
        Down before = down.get(address);
        if (before == null && down.size() >= MOST_ADDRESSES) {
            down.values().removeIf(state -> now - state.until >= 0);
            if (down.size() >= MOST_ADDRESSES) {
                return;
            }
        }
        int failures = before == null ? 0 : Math.min(MOST_DOUBLINGS, before.failures + 1);
        down.put(address, new Down(failures, now + (SHORTEST_NANOS << failures)));
    }

    synchronized void answered(InetSocketAddress address) {
        down.remove(address);
    }
}
