package io.heliodor.transport;

import java.time.Duration;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/** What TLS connections are opened with. Any thread may use it. */
public interface Certificates {
    /**
     * The context of the next connection.
     *
     * @return a context; on an event loop, hence without blocking
     */
    SSLContext context();

    /**
     * Whether clients are requested to send a certificate.
     *
     * @return false by default
     */
    default boolean requestsClients() {
        return false;
    }

    /**
     * The same, with clients that are requested to send a certificate.
     *
     * @return certificates
     */
    default Certificates requestingClients() {
        Certificates own = this;
        return new Certificates() {
            @Override
            public SSLContext context() {
                return own.context();
            }

            @Override
            public boolean requestsClients() {
                return true;
            }

            @Override
            public boolean look() {
                return own.look();
            }

            @Override
            public Duration period() {
                return own.period();
            }
        };
    }

    /**
     * Looks whether there are other certificates, and takes them for new connections. May block.
     *
     * @return false if there are others that cannot be used; those before stay, and the log says so
     */
    boolean look();

    /**
     * How often to look.
     *
     * @return the time between two looks
     */
    Duration period();

    /**
     * Those of somebody who looks after them.
     *
     * @param contexts asked for each connection
     * @return certificates
     */
    static Certificates of(Supplier<SSLContext> contexts) {
        return new Certificates() {
            @Override
            public SSLContext context() {
                return contexts.get();
            }

            @Override
            public boolean look() {
                return true;
            }

            @Override
            public Duration period() {
                return Duration.ofDays(1);
            }
        };
    }
}
