package io.heliodor.transport.tls;

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
    default boolean requestsClientCertificates() {
        return false;
    }

    /**
     * The same, with clients that are requested to send a certificate.
     *
     * @return certificates
     */
    default Certificates requestingClientCertificates() {
        Certificates own = this;
        return new Certificates() {
            @Override
            public SSLContext context() {
                return own.context();
            }

            @Override
            public boolean requestsClientCertificates() {
                return true;
            }

            @Override
            public boolean reloadIfChanged() {
                return own.reloadIfChanged();
            }

            @Override
            public Duration reloadInterval() {
                return own.reloadInterval();
            }
        };
    }

    /**
     * Looks whether there are other certificates, and takes them for new connections. May block.
     *
     * @return false if there are others that cannot be used; those before stay, and the log says so
     */
    boolean reloadIfChanged();

    /**
     * How often to look.
     *
     * @return the time between two looks
     */
    Duration reloadInterval();

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
