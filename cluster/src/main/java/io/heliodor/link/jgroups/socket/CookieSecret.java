package io.heliodor.link.jgroups.socket;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import org.jspecify.annotations.Nullable;

/**
 * A cookie and the key that is derived from it. Deriving takes some tenths of a second, so the key of the last cluster
 * is cached: nodes of one JVM that start with the same secret share it.
 *
 * <p>{@link #toString} returns {@code CookieSecret}, so that the cookie gets into no log. Thread-safe.
 */
public final class CookieSecret {
    private final String text;

    @GuardedBy("this")
    private @Nullable KeyOfCluster last;

    private record KeyOfCluster(String cluster, CookieKey key) {}

    /**
     * A cookie.
     *
     * @param text its characters
     */
    public CookieSecret(String text) {
        this.text = text;
    }

    /**
     * The characters.
     *
     * @return the text
     */
    public String text() {
        return text;
    }

    /** The key that authenticates the nodes of a cluster with this cookie. May take some tenths of a second. */
    public synchronized CookieKey key(String cluster) {
        KeyOfCluster cached = last;
        if (cached == null || !cached.cluster().equals(cluster)) {
            cached = new KeyOfCluster(cluster, CookieKey.of(text, cluster));
            last = cached;
        }
        return cached.key();
    }

    @Override
    public String toString() {
        return "CookieSecret";
    }
}
