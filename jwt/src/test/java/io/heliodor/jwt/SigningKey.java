package io.heliodor.jwt;

import com.nimbusds.jose.Algorithm;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.opts.AllowWeakRSAKey;
import com.nimbusds.jose.jca.JCAContext;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Set;

/** A key of an issuer: it signs tokens, and has a public part with a name. */
record SigningKey(String id, JWSAlgorithm algorithm, PublicKey publicKey, JWSSigner signer) {
    static SigningKey rsa(String id) {
        return rsa(id, 2_048);
    }

    static SigningKey rsa(String id, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            KeyPair pair = generator.generateKeyPair();
            return new SigningKey(
                    id,
                    JWSAlgorithm.RS256,
                    pair.getPublic(),
                    new RSASSASigner(pair.getPrivate(), Set.of(AllowWeakRSAKey.getInstance())));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static SigningKey ec(String id) {
        return ec(id, JWSAlgorithm.ES256);
    }

    static SigningKey ec(String id, JWSAlgorithm algorithm) {
        try {
            Curve curve = Curve.forJWSAlgorithm(algorithm).iterator().next();
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(curve.toECParameterSpec());
            KeyPair pair = generator.generateKeyPair();
            return new SigningKey(id, algorithm, pair.getPublic(), new ECDSASigner(pair.getPrivate(), curve));
        } catch (GeneralSecurityException | JOSEException e) {
            throw new AssertionError(e);
        }
    }

    static SigningKey ed25519(String id) {
        try {
            KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            return new SigningKey(id, JWSAlgorithm.EdDSA, pair.getPublic(), new EdSigner(pair.getPrivate()));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static JWSSigner secret(byte[] bytes) {
        try {
            return new MACSigner(bytes);
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    /** This key, with another algorithm of its type. */
    SigningKey with(JWSAlgorithm other) {
        return new SigningKey(id, other, publicKey, signer);
    }

    /** A token of this key with these claims. */
    String sign(Map<String, Object> claims) {
        return TestToken.sign(new JWSHeader.Builder(algorithm).keyID(id).build(), claims, signer);
    }

    String pem() {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(publicKey.getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }

    JWK jwk() {
        return jwk(null, null);
    }

    JWK jwk(KeyUse use, Algorithm only) {
        return switch (publicKey) {
            case RSAPublicKey rsa ->
                new RSAKey.Builder(rsa).keyID(id).keyUse(use).algorithm(only).build();
            case ECPublicKey ec ->
                new ECKey.Builder(Curve.forECParameterSpec(ec.getParams()), ec)
                        .keyID(id)
                        .keyUse(use)
                        .algorithm(only)
                        .build();
            default -> {
                byte[] encoded = publicKey.getEncoded();
                byte[] x = Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
                yield new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(x))
                        .keyID(id)
                        .keyUse(use)
                        .algorithm(only)
                        .build();
            }
        };
    }

    private record EdSigner(PrivateKey key) implements JWSSigner {
        @Override
        public Base64URL sign(JWSHeader header, byte[] input) throws JOSEException {
            try {
                Signature signature = Signature.getInstance("Ed25519");
                signature.initSign(key);
                signature.update(input);
                return Base64URL.encode(signature.sign());
            } catch (GeneralSecurityException e) {
                throw new JOSEException(e.getMessage(), e);
            }
        }

        @Override
        public Set<JWSAlgorithm> supportedJWSAlgorithms() {
            return Set.of(JWSAlgorithm.EdDSA, JWSAlgorithm.Ed25519);
        }

        @Override
        public JCAContext getJCAContext() {
            return new JCAContext();
        }
    }
}
