package io.heliodor.interop.hosts;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A self-signed certificate for localhost.
 *
 * @param store a key store with the certificate and its key, as the JDK reads it; the alias is {@code it}, the password
 *     {@code changeit}
 * @param chain the certificate in PEM, as nginx, Caddy and Node read it
 * @param key its key in PEM
 * @param both both in one file, as HAProxy reads them
 * @param trusting a context that trusts it alone
 */
public record Certificate(Path store, Path chain, Path key, Path both, SSLContext trusting) {
    private static final String PASSWORD = "changeit";

    /** Makes one, with files in a folder. */
    public static Certificate in(Path folder) throws IOException, GeneralSecurityException {
        Path file = folder.resolve("store.p12");
        Programs.run(
                Duration.ofMinutes(1),
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "it",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost",
                "-storepass",
                PASSWORD,
                "-keystore",
                file.toString());
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        String chain = pem("CERTIFICATE", store.getCertificate("it").getEncoded());
        String key =
                pem("PRIVATE KEY", store.getKey("it", PASSWORD.toCharArray()).getEncoded());
        return new Certificate(
                file,
                Files.writeString(folder.resolve("chain.pem"), chain),
                Files.writeString(folder.resolve("key.pem"), key),
                Files.writeString(folder.resolve("both.pem"), chain + key),
                trusting(store));
    }

    private static SSLContext trusting(KeyStore own) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("it", own.getCertificate("it"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private static String pem(String kind, byte[] bytes) {
        return "-----BEGIN " + kind + "-----\n" + Base64.getMimeEncoder().encodeToString(bytes) + "\n-----END " + kind
                + "-----\n";
    }
}
