package io.heliodor.endpoint;

import io.heliodor.transport.tls.Certificates;
import io.heliodor.transport.tls.PemFiles;
import io.heliodor.transport.tls.ServerTls;
import io.heliodor.transport.tls.TlsLibrary;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * The certificates of an endpoint's TLS connections.
 *
 * {@snippet lang="java" :
 * Endpoint.builder().port(443).tls(Tls.files(Path.of("fullchain.pem"), Path.of("privkey.pem")))
 * }
 *
 * <p>Any thread may use it, and several endpoints may share one.
 */
public final class Tls {
    private static final Duration PERIOD = Duration.ofSeconds(5);

    private final ServerTls tls;

    private Tls(Certificates certificates, boolean requestsClientCertificates) {
        this.tls = new ServerTls(certificates, requestsClientCertificates);
    }

    /**
     * A certificate chain and its private key in PEM files. A running endpoint checks every five seconds whether they have
     * changed, and uses the new ones for new connections; open connections continue. If the new files cannot be read or do
     * not match, the former stay in use, a warning gives the reason, and {@code certificates_failed} counts it. Files that other users
     * of the machine may write, or replace in their directories, cannot be used; a warning is logged if they may read the key.
     *
     * <p>Connections are encrypted by BoringSSL if {@code netty-tcnative} is on the class path and can be loaded, else by the
     * JDK, which also serves EdDSA keys. Sessions are resumed by tickets until the certificate changes.
     *
     * @param chain the certificates, that of the server first, followed by its issuers
     * @param key the private key of the first certificate, PKCS #8 without a password: RSA, EC or EdDSA
     * @return the certificates
     * @throws UncheckedIOException if a file cannot be read
     * @throws IllegalArgumentException if they are not a certificate chain and its key, or if others may write them; the message gives the
     *     reason
     */
    public static Tls files(Path chain, Path key) {
        Objects.requireNonNull(chain, "chain");
        Objects.requireNonNull(key, "key");
        return files(chain, key, PERIOD, TlsLibrary.preferred());
    }

    /** With another time between two checks, by a library. */
    static Tls files(Path chain, Path key, Duration period, TlsLibrary library) {
        return new Tls(PemFiles.read(chain, key, period, library), false);
    }

    /**
     * Certificates that the application manages. Connections are encrypted by the JDK. A client can resume a session only with
     * the same context.
     *
     * <p><b>Threads:</b> the event loops call it once for each connection. <b>Blocking:</b> not allowed; return a prepared
     * context.
     *
     * @param contexts supplies the context of a new connection, with key managers
     * @return the certificates
     */
    public static Tls of(Supplier<SSLContext> contexts) {
        Objects.requireNonNull(contexts, "contexts");
        return new Tls(Certificates.of(contexts), false);
    }

    /**
     * Returns these certificates with a request for client certificates. The trust managers of the context must accept a
     * certificate that a client sends, else the handshake fails; a client without one is accepted. A connect handler gets the
     * chain from {@code connect.tls()} by {@code getPeerCertificates()}, which throws {@code SSLPeerUnverifiedException} for a
     * client without one.
     *
     * <p>Use it with {@link #of} and your own trust managers: those of {@link #files} are the JDK's, which trust public
     * authorities. Connections are encrypted by the JDK; files are read again.
     *
     * @return new certificates
     * @throws UncheckedIOException if a file cannot be read
     * @throws IllegalArgumentException if the files have changed and are not a certificate chain and its key
     */
    public Tls requestingClientCertificates() {
        return new Tls(tls.certificates().verifyingClients(), true);
    }

    ServerTls tls() {
        return tls;
    }
}
