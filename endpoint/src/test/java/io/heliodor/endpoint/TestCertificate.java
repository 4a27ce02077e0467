package io.heliodor.endpoint;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** A self-signed certificate for localhost, which the JDK's keytool makes for this run. */
public record TestCertificate(X509Certificate certificate, PrivateKey key) {
    /** Made once, since that takes its time. */
    public static final TestCertificate FIRST = make("RSA");

    public static final TestCertificate SECOND = make("EC");

    /** Its key is of the kind that the first has. */
    static final TestCertificate ANOTHER = make("RSA");

    private static final String PASSWORD = "changeit";

    static TestCertificate make(String algorithm) {
        return make(algorithm, "+0d");
    }

    /** One that is valid for 90 days from a day, such as {@code -100d}. */
    public static TestCertificate make(String algorithm, String from) {
        try {
            Path folder = Files.createTempDirectory("certificate");
            Path file = folder.resolve("store.p12");
            Process keytool = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "keytool")
                                    .toString(),
                            "-genkeypair",
                            "-alias",
                            "it",
                            "-keyalg",
                            algorithm,
                            "-startdate",
                            from,
                            "-dname",
                            "CN=localhost",
                            "-ext",
                            "san=dns:localhost",
                            "-storetype",
                            "PKCS12",
                            "-storepass",
                            PASSWORD,
                            "-keystore",
                            file.toString())
                    .redirectErrorStream(true)
                    .start();
            String output = new String(keytool.getInputStream().readAllBytes(), US_ASCII);
            assertThat(keytool.waitFor()).as("output of keytool: %s", output).isZero();
            KeyStore store = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(file)) {
                store.load(in, PASSWORD.toCharArray());
            }
            Files.delete(file);
            Files.delete(folder);
            return new TestCertificate((X509Certificate) store.getCertificate("it"), (PrivateKey)
                    store.getKey("it", PASSWORD.toCharArray()));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("no certificate for the tests", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("no certificate for the tests", e);
        }
    }

    String chainPem() {
        try {
            return pem("CERTIFICATE", certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    String keyPem() {
        return pem("PRIVATE KEY", key.getEncoded());
    }

    private static String pem(String what, byte[] bytes) {
        return "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder().encodeToString(bytes) + "\n-----END " + what
                + "-----\n";
    }

    /** A context of a server with this certificate. */
    public SSLContext serving() {
        return context();
    }

    /** A context with this certificate that trusts these others only. */
    SSLContext trustingOnly(TestCertificate... others) {
        return context(trust(others));
    }

    private SSLContext context(TrustManager... trust) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("it", key, PASSWORD.toCharArray(), new X509Certificate[] {certificate});
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, PASSWORD.toCharArray());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.length == 0 ? null : trust, null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Writes both into a folder. */
    public void write(Path folder) throws IOException {
        Files.writeString(folder.resolve("chain.pem"), chainPem());
        Files.writeString(folder.resolve("key.pem"), keyPem());
    }

    /** A context that trusts these certificates only. */
    public static SSLContext trusting(TestCertificate... certificates) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust(certificates), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static TrustManager[] trust(TestCertificate... certificates) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (TestCertificate each : certificates) {
                store.setCertificateEntry(each.key.getAlgorithm(), each.certificate);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            return trust.getTrustManagers();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
