package io.heliodor.link.jgroups.socket;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;

/**
 * Makes the certificate that TLS requires for a public key. The peer only reads the key in it. The same key always gets
 * the same certificate.
 */
final class SelfSignedCertificate {
    /** AlgorithmIdentifier of Ed25519, 1.3.101.112. */
    private static final byte[] ED25519 = der(0x30, der(0x06, new byte[] {0x2b, 0x65, 0x70}));

    private static final byte[] COMMON_NAME = der(0x06, new byte[] {0x55, 0x04, 0x03});

    private SelfSignedCertificate() {}

    static X509Certificate of(KeyPair keys) throws GeneralSecurityException {
        byte[] name = der(0x30, der(0x31, der(0x30, COMMON_NAME, der(0x0c, ascii("heliodor")))));
        byte[] always = der(0x30, der(0x17, ascii("000101000000Z")), der(0x18, ascii("99991231235959Z")));
        byte[] content = der(
                0x30,
                der(0x02, new byte[] {1}),
                ED25519,
                name,
                always,
                name,
                keys.getPublic().getEncoded());
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(keys.getPrivate());
        signature.update(content);
        byte[] certificate = der(0x30, content, ED25519, der(0x03, new byte[] {0}, signature.sign()));
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(certificate));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] der(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        int length = content.size();
        if (length > 0xff) {
            out.write(0x82);
            out.write(length >> 8);
        } else if (length > 0x7f) {
            out.write(0x81);
        }
        out.write(length);
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }
}
