package io.heliodor.transport.tls;

import java.time.Duration;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/** The certificates of new TLS connections. Any thread may use them. */
public interface Certificates {
    /**
     * The context of the next connection. Event loops call it, so it does not block.
     *
     * @return a context
     */
    SSLContext context();

    /**
     * Loads the certificates again if they have changed. May block.
     *
     * @return false if the new ones cannot be used: then the former stay in use, and a warning is logged
     */
    boolean reloadIfChanged();

    /**
     * The time between two calls of {@link #reloadIfChanged}.
     *
     * @return the time
     */
    Duration reloadInterval();

    /**
     * Certificates that the application manages.
     *
     * @param contexts called for each connection
     * @return certificates
     */
    static Certificates of(Supplier<SSLContext> contexts) {
        return new Certificates() {
            @Override
            public SSLContext context() {
                return contexts.get();
            }

            @Override
            public boolean reloadIfChanged() {
                return true;
            }

            @Override
            public Duration reloadInterval() {
                return Duration.ofDays(1);
            }
        };
    }
}
