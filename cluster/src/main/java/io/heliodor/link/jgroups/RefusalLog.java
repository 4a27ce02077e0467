package io.heliodor.link.jgroups;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Logs who was refused: each address once a minute, for it may try ever again. */
final class RefusalLog {
    private static final long PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int MOST_ADDRESSES = 256;

    private final Map<String, Long> said = new LinkedHashMap<>();

    void refused(String who, String why) {
        if (isNews(who, System.nanoTime())) {
            PeerSockets.log.warn("Refused {}: {}", who, why);
        } else {
            PeerSockets.log.debug("Refused {} again: {}", who, why);
        }
    }

    synchronized boolean isNews(String who, long now) {
        Long last = said.get(who);
        if (last != null && now - last < PAUSE_NANOS) {
            return false;
        }
        said.remove(who);
        if (said.size() >= MOST_ADDRESSES) {
            said.remove(said.keySet().iterator().next());
        }
        said.put(who, now);
        return true;
    }
}
