package io.heliodor.endpoint;

import io.heliodor.transport.tls.Certificates;
import io.heliodor.transport.tls.PemFiles;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * The certificates that an endpoint encrypts with.
 *
 * {@snippet lang="java" :
 * Endpoint.builder().port(443).tls(Tls.files(Path.of("fullchain.pem"), Path.of("privkey.pem")))
 * }
 *
 * <p>Any thread may use it, and several endpoints may share one.
 */
public final class Tls {
    private static final Duration PERIOD = Duration.ofSeconds(5);

    private final Certificates certificates;

    private Tls(Certificates certificates) {
        this.certificates = certificates;
    }

    /**
     * A certificate chain and its private key in PEM files. A running endpoint looks every five seconds whether they have
     * changed; then new connections get the new ones, and those there are go on. New ones that cannot be read, or do not
     * fit together, are not used: those before stay, the log says why, and {@code certificates_failed} counts it.
     *
     * @param chain the certificates: that of the server, then those that signed it
     * @param key the private key of the first certificate, PKCS #8 without a password: RSA, EC or EdDSA
     * @return the certificates
     * @throws UncheckedIOException if a file cannot be read
     * @throws IllegalArgumentException if they are no chain and key to serve with, saying why
     */
    public static Tls files(Path chain, Path key) {
        return files(chain, key, PERIOD);
    }

    /** Looked at as often. */
    static Tls files(Path chain, Path key, Duration period) {
        return new Tls(PemFiles.read(chain, key, period));
    }

    /**
     * Certificates that the application looks after.
     *
     * <p><b>Threads:</b> the event loops, once for each connection. <b>Blocking:</b> no; it returns a context that is
     * there.
     *
     * @param contexts gives the context of a new connection, with key managers
     * @return the certificates
     */
    public static Tls of(Supplier<SSLContext> contexts) {
        return new Tls(Certificates.of(contexts));
    }

    /**
     * The same, and clients are requested to send a certificate. One that is sent must please the trust managers of the context, else the
     * handshake fails; a client without one is accepted. A connect handler gets the chain from {@code connect.tls()}, by {@code
     * getPeerCertificates()}, which throws {@code SSLPeerUnverifiedException} for a client without one.
     *
     * <p>For {@link #of} with trust managers of your own: those of {@link #files} are the JDK's, which trust public authorities.
     *
     * @return the certificates
     */
    public Tls requestingClientCertificates() {
        return new Tls(certificates.requestingClientCertificates());
    }

    Certificates certificates() {
        return certificates;
    }
}
