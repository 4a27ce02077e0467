package io.heliodor.link.jgroups.socket;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Secures connections by mutual TLS 1.3. With cookies each end accepts the keys that are derived from them, and ignores
 * the rest of a certificate; with an {@link SSLContext} that decides. Without both, connections are not encrypted.
 */
public final class PeerTls {
    private static final String ALIAS = "cookie";

    /** Returns the context for one connection. */
    private interface Contexts {
        SSLContext next() throws IOException;
    }

    private final @Nullable Contexts contexts;

    private PeerTls(@Nullable Contexts contexts) {
        this.contexts = contexts;
    }

    /** TLS with cookies: the first key is that of this node, and all are accepted. Without keys there is no TLS. */
    public static PeerTls of(List<CookieKey> keys) {
        if (keys.isEmpty()) {
            return new PeerTls(null);
        }
        OwnKey own = new OwnKey(keys.getFirst());
        AcceptedKeys trusted =
                new AcceptedKeys(keys.stream().map(CookieKey::publicKey).collect(Collectors.toUnmodifiableSet()));
        // One for each connection, so that no session of TLS can be resumed.
        return new PeerTls(() -> {
            try {
                SSLContext context = SSLContext.getInstance("TLSv1.3");
                context.init(new KeyManager[] {own}, new TrustManager[] {trusted}, null);
                return context;
            } catch (GeneralSecurityException e) {
                throw new IOException("This JVM does not support TLS 1.3.", e);
            }
        });
    }

    /** TLS with the keys and certificates of the user. */
    public static PeerTls of(SSLContext context) {
        return new PeerTls(() -> context);
    }

    /** Returns the secured socket. Blocks until the handshake ends, or the caller closes the raw socket. */
    public Socket secure(Socket raw, boolean client) throws IOException {
        if (contexts == null) {
            return raw;
        }
        SSLSocket socket = (SSLSocket) contexts.next()
                .getSocketFactory()
                .createSocket(raw, raw.getInetAddress().getHostAddress(), raw.getPort(), true);
        socket.setUseClientMode(client);
        socket.setEnabledProtocols(new String[] {"TLSv1.3"});
        if (!client) {
            socket.setNeedClientAuth(true);
        }
        socket.startHandshake();
        return socket;
    }

    /** Presents the key of this node, whatever is requested. */
    private static final class OwnKey extends X509ExtendedKeyManager {
        private final CookieKey key;

        OwnKey(CookieKey key) {
            this.key = key;
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
            return new String[] {ALIAS};
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            return new String[] {ALIAS};
        }

        @Override
        public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            return ALIAS;
        }

        @Override
        public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            return ALIAS;
        }

        @Override
        public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
            return ALIAS;
        }

        @Override
        public String chooseEngineServerAlias(String type, Principal[] issuers, SSLEngine engine) {
            return ALIAS;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return new X509Certificate[] {key.certificate()};
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return key.keys().getPrivate();
        }
    }

    /** Accepts certificates of the accepted public keys; TLS itself checks that the peer has the private key. */
    private static final class AcceptedKeys extends X509ExtendedTrustManager {
        private final Set<PublicKey> accepted;

        AcceptedKeys(Set<PublicKey> accepted) {
            this.accepted = accepted;
        }

        private void check(X509Certificate[] chain) throws CertificateException {
            if (chain.length == 0 || !accepted.contains(chain[0].getPublicKey())) {
                throw new CertificateException("another cookie or another cluster");
            }
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            check(chain);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
