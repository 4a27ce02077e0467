package io.heliodor.link.jgroups.socket;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Logs refused connections as warnings, at most one a minute for each address. Thread-safe. */
final class RefusalLog {
    private static final long PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int MAX_ADDRESSES = 256;

    /** When each address was logged last, the oldest first. */
    @GuardedBy("this")
    private final Map<String, Long> logged = new LinkedHashMap<>();

    void refused(String address, String why) {
        if (isDue(address, System.nanoTime())) {
            PeerSockets.log.warn("Refused {}: {}", address, why);
        } else {
            PeerSockets.log.debug("Refused {} again: {}", address, why);
        }
    }

    private synchronized boolean isDue(String address, long now) {
        Long last = logged.get(address);
        if (last != null && now - last < PAUSE_NANOS) {
            return false;
        }
        logged.remove(address);
        if (logged.size() >= MAX_ADDRESSES) {
            logged.remove(logged.keySet().iterator().next());
        }
        logged.put(address, now);
        return true;
    }
}
