package io.heliodor.jwt;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads public keys in PEM and DER (SubjectPublicKeyInfo). */
final class PublicKeys {
    private static final Pattern PEM =
            Pattern.compile("-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\\s]*)-----END PUBLIC KEY-----");
    private static final List<String> TYPES = List.of("RSA", "EC", "Ed25519");
    private static final int ED25519_BYTES = 32;

    private PublicKeys() {}

    static Optional<JWK> ofPem(String text) {
        Matcher pem = PEM.matcher(text.strip());
        if (!pem.matches()) {
            return Optional.empty();
        }
        try {
            return ofDer(Base64.getMimeDecoder().decode(pem.group(1)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    static Optional<JWK> ofDer(byte[] encoded) {
        for (String type : TYPES) {
            try {
                return key(KeyFactory.getInstance(type).generatePublic(new X509EncodedKeySpec(encoded)));
            } catch (InvalidKeySpecException e) {
                // The key is of another type.
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("This JVM has no keys of type " + type + ".", e);
            }
        }
        return Optional.empty();
    }

    private static Optional<JWK> key(PublicKey key) {
        return switch (key) {
            case RSAPublicKey rsa -> Optional.of(new RSAKey.Builder(rsa).build());
            case ECPublicKey ec ->
                Optional.ofNullable(Curve.forECParameterSpec(ec.getParams()))
                        .map(curve -> new ECKey.Builder(curve, ec).build());
            case EdECPublicKey ed -> {
                byte[] encoded = ed.getEncoded();
                byte[] x = Arrays.copyOfRange(encoded, encoded.length - ED25519_BYTES, encoded.length);
                yield Optional.of(new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(x)).build());
            }
            default -> Optional.empty();
        };
    }
}
