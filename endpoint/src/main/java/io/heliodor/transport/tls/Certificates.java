package io.heliodor.transport.tls;

import io.netty.buffer.ByteBufAllocator;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/** The certificates of new TLS connections. Any thread may use them. */
public interface Certificates {
    /**
     * Creates the engine of the next connection. Event loops call it, so it does not block.
     *
     * @param buffers allocates the buffers of the connection
     * @return an engine of a server, which requests no certificate of the client
     */
    SSLEngine newEngine(ByteBufAllocator buffers);

    /**
     * The library that encrypts.
     *
     * @return the library
     */
    TlsLibrary library();

    /**
     * These certificates for servers that request one of their clients. Trust managers verify those, and may block, which
     * BoringSSL does on the event loop: so the library is the JDK.
     *
     * @return certificates
     * @throws UncheckedIOException if files cannot be read
     * @throws IllegalArgumentException if they are not certificates and the key of the first one
     */
    default Certificates verifyingClients() {
        return this;
    }

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
     * Certificates that the application manages, with the engine of the JDK: a context does not reveal its keys.
     *
     * @param contexts called for each connection
     * @return certificates
     */
    static Certificates of(Supplier<SSLContext> contexts) {
        return new Certificates() {
            @Override
            public SSLEngine newEngine(ByteBufAllocator buffers) {
                return new TlsLibrary.JdkEngines(contexts.get()).newEngine(buffers);
            }

            @Override
            public TlsLibrary library() {
                return TlsLibrary.JDK;
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
