package io.heliodor.link.jgroups;

import org.jspecify.annotations.Nullable;

/**
 * The text of a cookie, and the key made from it. Making a key takes some tenths of a second, so a secret keeps the key of
 * the last cluster that it was used for; nodes of one JVM that are started with the same secret share it.
 *
 * <p>It prints as {@code CookieSecret}, so that it gets into no log. Any thread may use it.
 */
public final class CookieSecret {
    private final String text;
    private @Nullable KeyOfCluster last;

    private record KeyOfCluster(String cluster, CookieKey key) {}

    /**
     * A secret.
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

    /** The key with which nodes of a cluster that share this secret prove themselves. May take some tenths of a second. */
    synchronized CookieKey key(String cluster) {
        KeyOfCluster kept = last;
        if (kept == null || !kept.cluster().equals(cluster)) {
            kept = new KeyOfCluster(cluster, CookieKey.of(text, cluster));
            last = kept;
        }
        return kept.key();
    }

    @Override
    public String toString() {
        return "CookieSecret";
    }
}
