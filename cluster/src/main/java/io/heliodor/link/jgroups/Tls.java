package io.heliodor.link.jgroups;

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
 * Secures connections by TLS 1.3, in which both ends prove who they are: that they have the key of an accepted cookie, where
 * nothing else of a certificate counts, or what a given context asks for. With neither it leaves them as they are.
 */
final class Tls {
    private static final String ALIAS = "cookie";

    /** Makes the context of a connection. */
    private interface Contexts {
        SSLContext next() throws IOException;
    }

    private final @Nullable Contexts contexts;

    private Tls(@Nullable Contexts contexts) {
        this.contexts = contexts;
    }

    /** The first key is our own; all are accepted. None means no TLS. */
    static Tls of(List<CookieKey> keys) {
        if (keys.isEmpty()) {
            return new Tls(null);
        }
        OwnKey own = new OwnKey(keys.getFirst());
        SameKey same = new SameKey(keys.stream().map(CookieKey::publicKey).collect(Collectors.toUnmodifiableSet()));
        // One for each connection: then there is no earlier session that could be resumed.
        return new Tls(() -> {
            try {
                SSLContext context = SSLContext.getInstance("TLSv1.3");
                context.init(new KeyManager[] {own}, new TrustManager[] {same}, null);
                return context;
            } catch (GeneralSecurityException e) {
                throw new IOException("This Java cannot speak TLS 1.3.", e);
            }
        });
    }

    /** Keys and trust of the user. */
    static Tls of(SSLContext context) {
        return new Tls(() -> context);
    }

    /** Returns when the handshake is done. What bounds its time closes the raw socket. */
    Socket secure(Socket raw, boolean client) throws IOException {
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

    /** Always offers the one key. */
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

    /** Accepts whoever shows an accepted public key; that it also has the private one, TLS checks. */
    private static final class SameKey extends X509ExtendedTrustManager {
        private final Set<PublicKey> accepted;

        SameKey(Set<PublicKey> accepted) {
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
