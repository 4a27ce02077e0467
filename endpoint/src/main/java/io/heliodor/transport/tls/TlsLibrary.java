package io.heliodor.transport.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslServerSessionContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The libraries that encrypt: the JDK, and BoringSSL in {@code netty-tcnative}, which an application may lack. */
public enum TlsLibrary {
    /** The engine of the JDK. */
    JDK {
        @Override
        EngineFactory serving(PrivateKey key, X509Certificate[] chain) throws GeneralSecurityException, IOException {
            char[] password = new char[0];
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("server", key, password, chain);
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, password);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return new JdkEngines(context);
        }

        @Override
        public String toString() {
            return "the JDK";
        }
    },

    /** BoringSSL. Its memory is native, and it computes handshakes on the event loop. It has no keys of Edwards curves. */
    BORINGSSL {
        @Override
        EngineFactory serving(PrivateKey key, X509Certificate[] chain) throws GeneralSecurityException, IOException {
            return switch (key.getAlgorithm()) {
                case "RSA", "EC" -> tried(key, chain);
                default -> JDK.serving(key, chain);
            };
        }

        @Override
        public String toString() {
            return "BoringSSL";
        }
    };

    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
    static final String APPLICATION_PROTOCOL = "http/1.1";

    /** Those of TLS 1.3, and those of TLS 1.2 in Mozilla's intermediate list: forward secrecy and authenticated encryption. */
    private static final String[] CIPHER_SUITES = {
        "TLS_AES_128_GCM_SHA256",
        "TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"
    };

    /** Creates the engines of connections that one certificate serves. */
    interface EngineFactory {
        SSLEngine newEngine(ByteBufAllocator buffers);

        TlsLibrary library();
    }

    /**
     * The engines of a certificate.
     *
     * @param key the private key of the first certificate
     * @param chain the certificates
     */
    abstract EngineFactory serving(PrivateKey key, X509Certificate[] chain)
            throws GeneralSecurityException, IOException;

    /**
     * The library that serves a certificate of files: BoringSSL if {@code netty-tcnative} is on the class path and can be
     * loaded, else the JDK. The first call loads it, and logs a warning if it fails.
     *
     * @return the library
     */
    public static TlsLibrary preferred() {
        return Preferred.LIBRARY;
    }

    private static final class Preferred {
        static final TlsLibrary LIBRARY =
                OpenSsl.isAvailable() ? loaded(OpenSsl.versionString()) : unavailable(OpenSsl.unavailabilityCause());

        private Preferred() {}
    }

    /** The library where {@code netty-tcnative} has loaded one of its possible libraries. */
    static TlsLibrary loaded(String version) {
        return version.equals("BoringSSL") ? BORINGSSL : replaced(version + " is not BoringSSL");
    }

    /** The library if BoringSSL cannot be used: silently if it is not on the class path or was switched off. */
    static TlsLibrary unavailable(Throwable cause) {
        return switch (cause) {
            case ClassNotFoundException _, UnsupportedOperationException _ -> JDK;
            default -> replaced(cause.toString());
        };
    }

    private static EngineFactory tried(PrivateKey key, X509Certificate[] chain)
            throws GeneralSecurityException, IOException {
        BoringSslEngines engines = new BoringSslEngines(key, chain);
        SSLEngine engine = engines.newEngine(ByteBufAllocator.DEFAULT);
        try {
            TrialHandshake.with(engine);
            return engines;
        } catch (LinkageError e) {
            return replaced("it is not the version for this Netty, " + e).serving(key, chain);
        } finally {
            ReferenceCountUtil.release(engine);
        }
    }

    private static TlsLibrary replaced(String reason) {
        LOG.warn("netty-tcnative is on the class path and cannot be used, so TLS is that of the JDK: {}", reason);
        return JDK;
    }

    /** The engines of a context of the JDK. */
    record JdkEngines(SSLContext context) implements EngineFactory {
        @Override
        public SSLEngine newEngine(ByteBufAllocator buffers) {
            SSLEngine engine = context.createSSLEngine();
            engine.setUseClientMode(false);
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setProtocols(PROTOCOLS);
            parameters.setCipherSuites(CIPHER_SUITES);
            parameters.setApplicationProtocols(new String[] {APPLICATION_PROTOCOL});
            engine.setSSLParameters(parameters);
            return engine;
        }

        @Override
        public TlsLibrary library() {
            return JDK;
        }
    }

    /**
     * A native context. Each of its engines holds a reference to it, and this object holds one until it is collected: nothing
     * else ends the use of a certificate, since a connection may just be about to take it.
     */
    static final class BoringSslEngines implements EngineFactory {
        private static final Cleaner CLEANER = Cleaner.create();

        /**
         * The native buffer of each connection, for records that the library writes while it reads: alerts, and answers to key
         * updates. A longer flight, such as that of a handshake, is written in parts. By default Netty allocates 2 KiB.
         */
        private static final int RECORD_BUFFER = 512;

        private final SslContext context;

        BoringSslEngines(PrivateKey key, X509Certificate[] chain) throws SSLException {
            SslContext made = SslContextBuilder.forServer(key, chain)
                    .sslProvider(SslProvider.OPENSSL_REFCNT)
                    // Its tasks select the key, which is ready, and an alert that follows one is lost.
                    .option(OpenSslContextOption.USE_TASKS, false)
                    .protocols(PROTOCOLS)
                    .ciphers(List.of(CIPHER_SUITES))
                    .applicationProtocolConfig(new ApplicationProtocolConfig(
                            Protocol.ALPN,
                            SelectorFailureBehavior.NO_ADVERTISE,
                            SelectedListenerFailureBehavior.ACCEPT,
                            APPLICATION_PROTOCOL))
                    .build();
            // Tickets resume sessions, so the server keeps none.
            ((OpenSslServerSessionContext) made.sessionContext()).setSessionCacheEnabled(false);
            ((ReferenceCountedOpenSslContext) made).setBioNonApplicationBufferSize(RECORD_BUFFER);
            context = made;
            CLEANER.register(this, () -> ReferenceCountUtil.release(made));
        }

        @Override
        public SSLEngine newEngine(ByteBufAllocator buffers) {
            try {
                return context.newEngine(buffers);
            } finally {
                Reference.reachabilityFence(this);
            }
        }

        @Override
        public TlsLibrary library() {
            return BORINGSSL;
        }

        SslContext context() {
            return context;
        }
    }
}
