package io.heliodor.link.jgroups.socket;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * The addresses that did not answer lately. After a failure no attempt is made for 100 to 800 ms, doubled with each
 * further failure; the next attempt then decides. Times come with the calls. Thread-safe.
 */
final class CircuitBreaker {
    private static final long MIN_PAUSE_NANOS = 100_000_000L;
    private static final int MAX_DOUBLINGS = 3;

    /** More than any cluster has. It bounds memory, since a peer can name any number of addresses. */
    private static final int MAX_ADDRESSES = 4_096;

    private record Down(int doublings, long until) {}

    @GuardedBy("this")
    private final Map<InetSocketAddress, Down> down = new HashMap<>();

    /** Whether an attempt may be made now. */
    synchronized boolean allows(InetSocketAddress address, long now) {
        Down state = down.get(address);
        return state == null || now - state.until >= 0;
    }

    synchronized void recordFailure(InetSocketAddress address, long now) {
        Down before = down.get(address);
        if (before == null && down.size() >= MAX_ADDRESSES) {
            down.values().removeIf(state -> now - state.until >= 0);
            if (down.size() >= MAX_ADDRESSES) {
                return;
            }
        }
        int doublings = before == null ? 0 : Math.min(MAX_DOUBLINGS, before.doublings + 1);
        down.put(address, new Down(doublings, now + (MIN_PAUSE_NANOS << doublings)));
    }

    synchronized void recordSuccess(InetSocketAddress address) {
        down.remove(address);
    }
}
