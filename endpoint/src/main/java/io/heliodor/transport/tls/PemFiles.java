package io.heliodor.transport.tls;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.secret.SecretFile;
import io.netty.buffer.ByteBufAllocator;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Certificates of two PEM files, a chain and its key, which are read again when they change. */
public final class PemFiles implements Certificates {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    private final Path chain;
    private final Path key;
    private final Duration period;
    private final TlsLibrary library;

    /** The versions of the files that were last read, so that an unusable pair is read once only. */
    @GuardedBy("this")
    private @Nullable FileVersions lastRead;

    private volatile TlsLibrary.EngineFactory engines;

    private PemFiles(Path chain, Path key, Duration period, TlsLibrary library)
            throws IOException, GeneralSecurityException {
        this.chain = chain;
        this.key = key;
        this.period = period;
        this.library = library;
        this.lastRead = current();
        this.engines = read();
    }

    /**
     * Reads the files.
     *
     * @param chain the certificates, that of the server first
     * @param key its private key, PKCS #8 without a password
     * @param period the time between two checks for changes
     * @param library the library that encrypts, unless it does not support the key
     * @return the certificates
     * @throws UncheckedIOException if a file cannot be read
     * @throws IllegalArgumentException if they are not certificates and the key of the first one
     */
    public static PemFiles read(Path chain, Path key, Duration period, TlsLibrary library) {
        try {
            return new PemFiles(chain, key, period, library);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the certificate and its key: " + e, e);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    chain + " and " + key + " are not a usable certificate and key: " + e.getMessage(), e);
        }
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator buffers) {
        return engines.newEngine(buffers);
    }

    @Override
    public TlsLibrary library() {
        return engines.library();
    }

    @Override
    public Certificates verifyingClients() {
        return read(chain, key, period, TlsLibrary.JDK);
    }

    TlsLibrary.EngineFactory engines() {
        return engines;
    }

    @Override
    public Duration reloadInterval() {
        return period;
    }

    @Override
    public synchronized boolean reloadIfChanged() {
        FileVersions current = current();
        if (current.equals(lastRead)) {
            return true;
        }
        lastRead = current;
        try {
            engines = read();
            LOG.info("New connections get the new certificate in {}.", chain);
            return true;
        } catch (IOException | GeneralSecurityException e) {
            LOG.warn(
                    "The new certificate in {} or its key in {} cannot be used ({}); the one before stays in use.",
                    chain,
                    key,
                    e.toString());
            return false;
        }
    }

    /** The attributes by which a change of a file is detected. */
    private record FileVersion(FileTime modified, long bytes, Optional<Object> file) {
        static Optional<FileVersion> of(Path path) {
            try {
                BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class);
                return Optional.of(
                        new FileVersion(found.lastModifiedTime(), found.size(), Optional.ofNullable(found.fileKey())));
            } catch (IOException e) {
                return Optional.empty();
            }
        }
    }

    private record FileVersions(Optional<FileVersion> chain, Optional<FileVersion> key) {}

    private FileVersions current() {
        return new FileVersions(FileVersion.of(chain), FileVersion.of(key));
    }

    private TlsLibrary.EngineFactory read() throws IOException, GeneralSecurityException {
        for (Path file : List.of(chain, key)) {
            Optional<String> fault = SecretFile.writable(file);
            if (fault.isPresent()) {
                throw new GeneralSecurityException(fault.get());
            }
        }
        SecretFile.readable(key)
                .ifPresent(
                        text -> LOG.warn("Whoever has the key of TLS can decrypt or forge connections, and {}", text));
        X509Certificate[] certificates = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(chain)))
                .toArray(new X509Certificate[0]);
        if (certificates.length == 0) {
            throw new GeneralSecurityException(chain + " has no certificate");
        }
        warnUnlessValid(certificates[0]);
        return library.serving(privateKey(certificates[0].getPublicKey()), certificates);
    }

    /** It is served: the clock of this machine may be wrong, and some clients do not look at the time. */
    private void warnUnlessValid(X509Certificate certificate) {
        try {
            certificate.checkValidity();
        } catch (CertificateExpiredException | CertificateNotYetValidException e) {
            LOG.warn(
                    "The certificate in {} is valid from {} to {} only, so clients refuse it.",
                    chain,
                    certificate.getNotBefore().toInstant(),
                    certificate.getNotAfter().toInstant());
        }
    }

    private PrivateKey privateKey(PublicKey publicKey) throws IOException, GeneralSecurityException {
        Matcher pem = KEY.matcher(Files.readString(key, StandardCharsets.ISO_8859_1));
        if (!pem.find()) {
            throw new GeneralSecurityException(key + " has no private key of PKCS #8 without a password; to make one:"
                    + " openssl pkcs8 -topk8 -nocrypt -in old.pem -out key.pem");
        }
        byte[] encoded;
        try {
            encoded = Base64.getMimeDecoder().decode(pem.group(1));
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException(key + " is cut short", e);
        }
        PrivateKey secret =
                KeyFactory.getInstance(publicKey.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(encoded));
        if (!matches(secret, publicKey)) {
            throw new GeneralSecurityException("the key is not that of the first certificate");
        }
        return secret;
    }

    /** Whether a key belongs to a certificate: while two files are replaced, one of them is new before the other. */
    private static boolean matches(PrivateKey secret, PublicKey publicKey) throws GeneralSecurityException {
        String algorithm = switch (publicKey.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            case String other -> other;
        };
        byte[] text = {1};
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(secret);
        signature.update(text);
        byte[] signed = signature.sign();
        signature.initVerify(publicKey);
        signature.update(text);
        return signature.verify(signed);
    }
}
