package io.heliodor.jwt;

import static io.heliodor.jwt.TestToken.AUDIENCE;
import static io.heliodor.jwt.TestToken.ISSUER;
import static io.heliodor.jwt.TestToken.NOW;
import static io.heliodor.jwt.TestToken.claims;
import static io.heliodor.jwt.TestToken.claimsWith;
import static io.heliodor.jwt.TestToken.jwks;
import static io.heliodor.jwt.TestToken.sign;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.RSAEncrypter;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.util.Base64URL;
import io.heliodor.fixtures.RecordedLog;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each algorithm, each refusal, each misuse, with keys of the application's own. */
class JwtsTests {
    private static final SigningKey RSA = SigningKey.rsa("rsa");
    private static final SigningKey EC = SigningKey.ec("ec");
    private static final SigningKey ED = SigningKey.ed25519("ed");
    private static final byte[] SECRET = secret();

    private final Jwts jwts =
            builder().jwks(jwks(RSA.jwk(), EC.jwk(), ED.jwk())).build();

    private static byte[] secret() {
        byte[] bytes = new byte[32];
        ThreadLocalRandom.current().nextBytes(bytes);
        return bytes;
    }

    private static Jwts.Builder builder() {
        return Jwts.issuer(ISSUER).audience(AUDIENCE).clock(() -> NOW);
    }

    static List<SigningKey> keys() {
        return List.of(RSA, EC, ED);
    }

    private static void isValid(Jwts jwts, String token) {
        assertThat(jwts.verify(token)).isInstanceOfSatisfying(JwtOutcome.Valid.class, valid -> {
            assertThat(valid.jwt().subject()).isEqualTo("42");
            assertThat(valid.jwt().expiresAt()).isEqualTo(NOW.plusSeconds(300));
        });
    }

    private static void isInvalid(Jwts jwts, String token, String reason) {
        assertThat(jwts.verify(token))
                .isInstanceOfSatisfying(
                        JwtOutcome.Invalid.class,
                        invalid -> assertThat(invalid.reason()).contains(reason));
    }

    @ParameterizedTest
    @MethodSource("keys")
    void aTokenOfAKeyInAJwksIsValid(SigningKey key) {
        isValid(jwts, key.sign(claims()));
    }

    @ParameterizedTest
    @MethodSource("keys")
    void aTokenOfAKeyInPemIsValidWhateverKeyItNames(SigningKey key) {
        Jwts own = builder().publicKey(key.pem()).build();
        isValid(own, key.sign(claims()));
        isValid(own, sign(new JWSHeader(key.algorithm()), claims(), key.signer()));
    }

    @Test
    void aTokenOfASecretIsValid() {
        isValid(
                builder().secret(SECRET).build(),
                sign(new JWSHeader(JWSAlgorithm.HS256), claims(), SigningKey.secret(SECRET)));
    }

    @ParameterizedTest
    @MethodSource("keys")
    void aTokenOfAnotherKeyOfThatNameIsInvalid(SigningKey key) {
        SigningKey other = switch (key.id()) {
            case "rsa" -> SigningKey.rsa("rsa");
            case "ec" -> SigningKey.ec("ec");
            default -> SigningKey.ed25519("ed");
        };
        isInvalid(jwts, other.sign(claims()), "signature");
    }

    @ParameterizedTest
    @MethodSource("keys")
    void aModifiedTokenIsInvalid(SigningKey key) {
        String[] parts = key.sign(claims()).split("\\.", -1);
        String claims = new String(Base64URL.from(parts[1]).decode(), StandardCharsets.UTF_8);
        String modified = Base64URL.encode(claims.replace("ops", "boss")).toString();
        isInvalid(jwts, parts[0] + "." + modified + "." + parts[2], "signature");
        isInvalid(jwts, parts[0] + "." + parts[1] + ".AAAA", "signature");
    }

    @Test
    void aTokenWithoutSignatureIsInvalid() {
        String claims = Base64URL.encode("{\"iss\":\"" + ISSUER + "\"}").toString();
        for (String none : List.of("none", "None", "NONE")) {
            String header = Base64URL.encode("{\"alg\":\"" + none + "\"}").toString();
            assertThat(jwts.verify(header + "." + claims + ".")).isInstanceOf(JwtOutcome.Invalid.class);
            assertThat(jwts.verify(header + "." + claims + ".AAAA")).isInstanceOf(JwtOutcome.Invalid.class);
        }
    }

    /** The attack that takes a public key, which all know, for the secret of HS256. */
    @Test
    void aPublicKeyIsNotASecret() {
        for (byte[] known : List.of(
                RSA.pem().getBytes(StandardCharsets.US_ASCII),
                RSA.pem().strip().getBytes(StandardCharsets.US_ASCII),
                RSA.publicKey().getEncoded())) {
            JWSHeader header =
                    new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("rsa").build();
            String forged = sign(header, claims(), SigningKey.secret(known));
            isInvalid(jwts, forged, "algorithm");
            isInvalid(builder().publicKey(RSA.pem()).build(), forged, "algorithm");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> builder().secret(known))
                    .withMessageContaining("publicKey");
        }
    }

    @Test
    void aSecretInAJwksVerifiesNothing() {
        OctetSequenceKey secret =
                new OctetSequenceKey.Builder(SECRET).keyID("s").build();
        Jwts both = builder().jwks(jwks(secret, EC.jwk())).build();
        JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("s").build();
        isInvalid(both, sign(header, claims(), SigningKey.secret(SECRET)), "algorithm");
        assertThatIllegalArgumentException().isThrownBy(() -> builder().jwks(jwks(secret)));
    }

    @Test
    void aTokenOfAnotherAlgorithmThanItsKeyIsInvalid() {
        JWSHeader longer =
                new JWSHeader.Builder(JWSAlgorithm.RS512).keyID("rsa").build();
        isInvalid(jwts, sign(longer, claims(), RSA.signer()), "algorithm");
        JWSHeader other = new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("rsa").build();
        isInvalid(jwts, sign(other, claims(), EC.signer()), "not known");
    }

    @Test
    void anUnknownKeyIsInvalid() {
        JWSHeader header =
                new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("other").build();
        isInvalid(jwts, sign(header, claims(), RSA.signer()), "not known");
    }

    @Test
    void aTokenNamesItsKeyIfSeveralKeysHaveItsAlgorithm() {
        String unnamed = sign(new JWSHeader(JWSAlgorithm.RS256), claims(), RSA.signer());
        isValid(jwts, unnamed);
        Jwts two = builder().jwks(jwks(RSA.jwk(), SigningKey.rsa("rsa2").jwk())).build();
        isInvalid(two, unnamed, "names no key (kid)");
        isValid(two, RSA.sign(claims()));
    }

    @Test
    void keysOfOtherUsesAndWeakKeysVerifyNothing() {
        SigningKey weak = SigningKey.rsa("weak", 1_024);
        Jwts some = builder()
                .jwks(jwks(
                        weak.jwk(),
                        RSA.jwk(KeyUse.ENCRYPTION, null),
                        EC.jwk(null, JWSAlgorithm.ES384),
                        ED.jwk(KeyUse.SIGNATURE, null)))
                .build();
        isInvalid(some, weak.sign(claims()), "algorithm");
        isInvalid(some, RSA.sign(claims()), "algorithm");
        isInvalid(some, EC.sign(claims()), "algorithm");
        isValid(some, ED.sign(claims()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().publicKey(weak.pem()))
                .withMessageContaining("2048");
    }

    @Test
    void aTokenOfAnotherIssuerIsInvalid() {
        isInvalid(jwts, RSA.sign(claimsWith("iss", ISSUER + "/")), "issuer");
        isInvalid(jwts, RSA.sign(claimsWith("iss", null)), "no issuer (iss)");
        isInvalid(jwts, RSA.sign(claimsWith("iss", List.of(ISSUER))), "issuer");
    }

    @Test
    void aTokenForAnotherAudienceIsInvalid() {
        isInvalid(jwts, RSA.sign(claimsWith("aud", "shop")), "audience");
        isInvalid(jwts, RSA.sign(claimsWith("aud", List.of("shop", "bank"))), "audience");
        isInvalid(jwts, RSA.sign(claimsWith("aud", null)), "no audience (aud)");
        isInvalid(jwts, RSA.sign(claimsWith("aud", List.of())), "audience");
    }

    @Test
    void oneOfSeveralAudiencesIsEnough() {
        isValid(jwts, RSA.sign(claimsWith("aud", List.of("shop", AUDIENCE))));
        Jwts two = builder().audience("other", AUDIENCE).jwks(jwks(RSA.jwk())).build();
        isValid(two, RSA.sign(claims()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"logout+jwt", "dpop+jwt", "JWE", ""})
    void aTokenOfAnotherTypeIsInvalid(String type) {
        JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.RS256)
                .keyID("rsa")
                .type(new JOSEObjectType(type))
                .build();
        isInvalid(jwts, sign(header, claims(), RSA.signer()), "type");
    }

    @ParameterizedTest
    @ValueSource(strings = {"JWT", "jwt", "at+jwt", "application/at+jwt"})
    void aTokenOfATypeIsValid(String type) {
        JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.RS256)
                .keyID("rsa")
                .type(new JOSEObjectType(type))
                .build();
        isValid(jwts, sign(header, claims(), RSA.signer()));
    }

    @Test
    void aTokenThatNeedsAnExtensionIsInvalid() {
        JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.RS256)
                .keyID("rsa")
                .criticalParams(Set.of("b64"))
                .base64URLEncodePayload(true)
                .build();
        isInvalid(jwts, sign(header, claims(), RSA.signer()), "crit");
    }

    @Test
    void aKeyInTheTokenIsNotUsed() {
        SigningKey own = SigningKey.rsa("own");
        JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.RS256)
                .keyID("own")
                .jwk(own.jwk())
                .jwkURL(URI.create("http://localhost:1/keys"))
                .build();
        isInvalid(jwts, sign(header, claims(), own.signer()), "not known");
    }

    @Test
    void anEncryptedTokenIsInvalid() throws JOSEException {
        JWEObject token = new JWEObject(
                new JWEHeader(JWEAlgorithm.RSA_OAEP_256, EncryptionMethod.A128GCM), new Payload(claims()));
        token.encrypt(new RSAEncrypter((RSAPublicKey) RSA.publicKey()));
        isInvalid(jwts, token.serialize(), "not a signed JWT");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "a.b.c",
                "bnVsbA.bnVsbA.",
                "bnVsbA.e30.AAAA",
                "W10.e30.AAAA",
                "e30.e30.AAAA",
                "\u0000"
            })
    void aTextThatIsNotATokenIsInvalid(String text) {
        isInvalid(jwts, text, "not a signed JWT");
    }

    @Test
    void claimsThatAreNotAnObjectAreInvalid() throws JOSEException {
        for (String claims : List.of("null", "[]", "\"a\"", "{\"iss\":\"" + ISSUER + "\",\"iss\":\"b\"}", "")) {
            var token = new com.nimbusds.jose.JWSObject(
                    new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("ec").build(), new Payload(claims));
            token.sign(EC.signer());
            assertThat(jwts.verify(token.serialize())).isInstanceOf(JwtOutcome.Invalid.class);
        }
    }

    @Test
    void aTokenHasAtMost8192Characters() {
        String longest = token(8_190);
        assertThat(longest).hasSizeBetween(8_190, 8_192);
        isValid(jwts, longest);
        isInvalid(jwts, token(8_193), "8192 characters");
    }

    /** A valid token with so many characters, or up to two more. */
    private static String token(int characters) {
        int others = ED.sign(claimsWith("filler", "")).length();
        for (int filler = (characters - others) * 3 / 4 - 4; ; filler++) {
            String token = ED.sign(claimsWith("filler", "a".repeat(filler)));
            if (token.length() >= characters) {
                return token;
            }
        }
    }

    @Test
    void aTokenHasASubject() {
        isInvalid(jwts, RSA.sign(claimsWith("sub", null)), "no subject (sub)");
        isInvalid(jwts, RSA.sign(claimsWith("sub", "")), "subject");
        isInvalid(jwts, RSA.sign(claimsWith("sub", 42)), "subject of the token (sub) is not a text");
    }

    /** Keycloak's lightweight tokens have no {@code sub}. */
    @Test
    void anotherClaimMayNameTheUser() {
        Map<String, Object> claims = claimsWith("sub", null);
        isInvalid(jwts, RSA.sign(claimsWith("sub", " ")), "subject (sub)");
        claims.put("uid", "u7");
        claims.put("user", Map.of("id", "u8"));
        isInvalid(jwts, RSA.sign(claims), "subject (sub)");
        assertThat(builder().jwks(jwks(RSA.jwk())).subjectClaim("uid").build().verify(RSA.sign(claims)))
                .isInstanceOfSatisfying(
                        JwtOutcome.Valid.class,
                        valid -> assertThat(valid.jwt().subject()).isEqualTo("u7"));
        Jwts nested = builder().jwks(jwks(RSA.jwk())).subjectClaim("user", "id").build();
        assertThat(nested.verify(RSA.sign(claims)))
                .isInstanceOfSatisfying(
                        JwtOutcome.Valid.class,
                        valid -> assertThat(valid.jwt().subject()).isEqualTo("u8"));
        isInvalid(nested, RSA.sign(claims()), "subject (user id)");
        assertThatIllegalArgumentException().isThrownBy(() -> builder().subjectClaim(""));
        assertThatIllegalArgumentException().isThrownBy(() -> builder().subjectClaim("a", ""));
    }

    static List<SigningKey> otherAlgorithms() {
        return List.of(
                RSA.with(JWSAlgorithm.RS384),
                RSA.with(JWSAlgorithm.RS512),
                RSA.with(JWSAlgorithm.PS256),
                RSA.with(JWSAlgorithm.PS384),
                RSA.with(JWSAlgorithm.PS512),
                SigningKey.ec("p384", JWSAlgorithm.ES384),
                SigningKey.ec("p521", JWSAlgorithm.ES512),
                ED.with(JWSAlgorithm.Ed25519));
    }

    @ParameterizedTest
    @MethodSource("otherAlgorithms")
    void otherAlgorithmsAreAcceptedIfTheApplicationChoosesThem(SigningKey key) {
        String name = key.algorithm().getName();
        String token = key.sign(claims());
        isValid(builder().jwks(jwks(key.jwk())).algorithms(name).build(), token);
        isValid(builder().algorithms("RS256", name).publicKey(key.pem()).build(), token);
        isInvalid(jwts, token, "algorithm");
    }

    @Test
    void aKeyThatNamesAnAlgorithmVerifiesNoOther() {
        Jwts both = builder()
                .jwks(jwks(RSA.jwk(null, JWSAlgorithm.PS256)))
                .algorithms("RS256", "PS256")
                .build();
        isValid(both, RSA.with(JWSAlgorithm.PS256).sign(claims()));
        isInvalid(both, RSA.sign(claims()), "algorithm");
    }

    @Test
    void aSecretMayHaveALongerAlgorithmIfItIsLongEnough() {
        byte[] longer = new byte[64];
        ThreadLocalRandom.current().nextBytes(longer);
        isValid(
                builder().secret(longer).algorithms("HS512").build(),
                sign(new JWSHeader(JWSAlgorithm.HS512), claims(), SigningKey.secret(longer)));
        assertThatIllegalStateException()
                .isThrownBy(() -> builder().secret(SECRET).algorithms("HS512").build())
                .withMessageContaining("HS256")
                .withMessageContaining("HS512");
    }

    @Test
    void algorithmsFitTheKeys() {
        for (String name : List.of("none", "HS1", "", "rs256", "ES256K", "Ed448")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> builder().algorithms(name))
                    .withMessageContaining("'" + name + "'");
        }
        assertThatIllegalStateException()
                .isThrownBy(
                        () -> builder().publicKey(EC.pem()).algorithms("RS256").build())
                .withMessageContaining("ES256");
        assertThatIllegalStateException()
                .isThrownBy(() -> builder()
                        .jwks(jwks(SigningKey.ec("p384", JWSAlgorithm.ES384).jwk()))
                        .build());
        assertThatIllegalStateException()
                .isThrownBy(() -> builder().algorithms("RS256", "HS256").build());
    }

    @Test
    void aKeyThatASetHasTwiceIsOneKey() {
        Jwts twice =
                builder().jwks(jwks(EC.jwk(), EC.jwk(KeyUse.SIGNATURE, null))).build();
        isValid(twice, EC.sign(claims()));
        isValid(twice, sign(new JWSHeader(JWSAlgorithm.ES256), claims(), EC.signer()));
    }

    /** Another key with the type and the name of this one. */
    private static SigningKey another(SigningKey key) {
        return switch (key.publicKey()) {
            case RSAPublicKey _ -> SigningKey.rsa(key.id());
            case ECPublicKey _ -> SigningKey.ec(key.id());
            default -> SigningKey.ed25519(key.id());
        };
    }

    /** RFC 7517, section 4.5: names of keys need not be unique. */
    @ParameterizedTest
    @MethodSource("keys")
    void severalKeysMayHaveOneName(SigningKey key) {
        SigningKey other = another(key);
        SigningKey third = another(key);
        for (String keys : List.of(jwks(key.jwk(), other.jwk()), jwks(other.jwk(), key.jwk()))) {
            Jwts both = builder().jwks(keys).build();
            isValid(both, key.sign(claims()));
            isValid(both, other.sign(claims()));
            isInvalid(both, third.sign(claims()), "signature");
        }
    }

    @Test
    void anOwnKeyThatCannotBeReadIsIgnoredWithAWarning() {
        RecordedLog.clear();
        isValid(
                builder()
                        .jwks("{\"keys\":[{\"kty\":\"EC\"}," + EC.jwk().toJSONString() + "]}")
                        .build(),
                EC.sign(claims()));
        assertThat(RecordedLog.linesAbout("ignored")).hasSize(1);
    }

    /** A token has one text: otherwise a list of revoked tokens would miss the others. */
    @ParameterizedTest
    @MethodSource("keys")
    void anotherTextOfATokenIsInvalid(SigningKey key) {
        String token = key.sign(claims());
        String[] parts = token.split("\\.", -1);
        List<String> others = new ArrayList<>(List.of(
                token + "=",
                token + "==",
                token + "\n",
                token + "\r\n",
                token + " ",
                " " + token,
                token + "\0",
                token + "\u20ac"));
        for (int part = 0; part < 3; part++) {
            for (String more : List.of("=", " ", "\n", "*", "\0")) {
                String[] changed = parts.clone();
                changed[part] = parts[part].substring(0, 4) + more + parts[part].substring(4);
                others.add(String.join(".", changed));
                changed[part] = parts[part] + more;
                others.add(String.join(".", changed));
            }
            if (parts[part].length() % 4 != 0) {
                String[] changed = parts.clone();
                changed[part] = withOtherUnusedBits(parts[part]);
                others.add(String.join(".", changed));
            }
        }
        assertThat(others).allSatisfy(other -> isInvalid(jwts, other, "not a signed JWT"));
        isValid(jwts, token);
    }

    @Test
    void aByteOrderMarkIsNotJson() throws JOSEException {
        String header = "{\"alg\":\"ES256\",\"kid\":\"ec\"}";
        String claims = "{\"iss\":\"" + ISSUER + "\",\"aud\":\"desk\",\"sub\":\"42\",\"exp\":"
                + NOW.plusSeconds(300).getEpochSecond() + "}";
        isValid(jwts, signed(header, claims));
        isInvalid(jwts, signed("\ufeff" + header, claims), "not a signed JWT");
        isInvalid(jwts, signed(header, "\ufeff" + claims), "not a signed JWT");
    }

    private static String signed(String header, String claims) throws JOSEException {
        String input = Base64URL.encode(header) + "." + Base64URL.encode(claims);
        return input + "."
                + EC.signer().sign(new JWSHeader(JWSAlgorithm.ES256), input.getBytes(StandardCharsets.US_ASCII));
    }

    private static String withOtherUnusedBits(String part) {
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        int last = part.length() - 1;
        return part.substring(0, last) + alphabet.charAt(alphabet.indexOf(part.charAt(last)) ^ 1);
    }

    /** The same number modulo that of the key. */
    @Test
    void aSignatureOfRsaHasOneText() {
        String[] parts = RSA.sign(claims()).split("\\.", -1);
        BigInteger signature = new BigInteger(1, Base64URL.from(parts[2]).decode());
        byte[] other =
                signature.add(((RSAPublicKey) RSA.publicKey()).getModulus()).toByteArray();
        isInvalid(jwts, parts[0] + "." + parts[1] + "." + Base64URL.encode(other), "signature");
        byte[] longer = new byte[257];
        System.arraycopy(Base64URL.from(parts[2]).decode(), 0, longer, 1, 256);
        isInvalid(jwts, parts[0] + "." + parts[1] + "." + Base64URL.encode(longer), "signature");
    }

    @Test
    void aTokenHasAnExpiry() {
        isInvalid(jwts, ED.sign(claimsWith("exp", null)), "the token has no expiry (exp)");
        for (Object text : List.of("2026", "" + NOW.plusSeconds(300).getEpochSecond(), List.of(1), true)) {
            isInvalid(jwts, ED.sign(claimsWith("exp", text)), "the expiry of the token (exp) is not a number");
        }
        isInvalid(jwts, ED.sign(claimsWith("exp", -1)), "the expiry of the token (exp) is negative");
        for (Object late : List.of(NOW.toEpochMilli(), 1e300, Long.MAX_VALUE)) {
            isInvalid(jwts, ED.sign(claimsWith("exp", late)), "in seconds, and not in milliseconds");
        }
    }

    @Test
    void aTokenExpiresWithTheClockSkew() {
        Instant expiry = NOW.minusSeconds(30);
        assertThat(jwts.verify(ED.sign(claimsWith("exp", expiry.getEpochSecond()))))
                .isEqualTo(new JwtOutcome.Expired(expiry));
        assertThat(jwts.verify(ED.sign(claimsWith("exp", expiry.getEpochSecond() + 1))))
                .isInstanceOf(JwtOutcome.Valid.class);
        Jwts exact = builder().clockSkew(Duration.ZERO).jwks(jwks(ED.jwk())).build();
        assertThat(exact.verify(ED.sign(claimsWith("exp", NOW.getEpochSecond()))))
                .isEqualTo(new JwtOutcome.Expired(NOW));
    }

    @Test
    void onlyATokenThatWasValidHasExpired() {
        Map<String, Object> claims = claimsWith("exp", NOW.minusSeconds(60).getEpochSecond());
        claims.put("aud", "shop");
        isInvalid(jwts, ED.sign(claims), "audience");
        claims.put("aud", AUDIENCE);
        isInvalid(jwts, SigningKey.ed25519("ed").sign(claims), "signature");
    }

    @Test
    void aTokenMayBeginLater() {
        isValid(jwts, ED.sign(claimsWith("nbf", NOW.plusSeconds(30).getEpochSecond())));
        isInvalid(jwts, ED.sign(claimsWith("nbf", NOW.plusSeconds(31).getEpochSecond())), "not valid yet");
        isInvalid(jwts, ED.sign(claimsWith("nbf", "now")), "the beginning of the token (nbf) is not a number");
        isInvalid(jwts, ED.sign(claimsWith("nbf", -1)), "the beginning of the token (nbf) is negative");
        isInvalid(jwts, ED.sign(claimsWith("nbf", NOW.toEpochMilli())), "and not in milliseconds");
    }

    @Test
    void aReasonHasNoTextOfTheToken() {
        Map<String, Object> claims = claims();
        claims.replaceAll((name, value) -> "evil\n" + value);
        assertThat(((JwtOutcome.Invalid) jwts.verify(RSA.sign(claims))).reason())
                .doesNotContain("evil");
    }

    @Test
    void anAudienceIsNeeded() {
        assertThatIllegalStateException()
                .isThrownBy(() -> Jwts.issuer(ISSUER).build())
                .withMessageContaining("audience(");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Jwts.issuer(ISSUER).audience(""));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Jwts.issuer(ISSUER).audience("a", ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"desk", "http://idp.example.com", "https:", "ftp://localhost", "a b", "http://127.evil.com"})
    void anIssuerWithoutATrustedAddressNeedsKeys(String issuer) {
        assertThatIllegalStateException()
                .isThrownBy(() -> Jwts.issuer(issuer).audience("a").build())
                .withMessageContaining(issuer)
                .withMessageContaining("keysAt");
        assertThat(Jwts.issuer(issuer).audience("a").publicKey(EC.pem()).build())
                .isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://idp.example.com/",
                "http://localhost:8080/realms/x",
                "http://127.0.0.1",
                "http://[::1]:1"
            })
    void anIssuerWithATrustedAddressNeedsNoKeys(String issuer) {
        assertThat(Jwts.issuer(issuer).audience("a").build()).isNotNull();
    }

    @Test
    void keysAreSetOnce() {
        assertThatIllegalStateException()
                .isThrownBy(() -> builder().publicKey(EC.pem()).secret(SECRET))
                .withMessageContaining("one of");
        assertThatIllegalStateException()
                .isThrownBy(() -> builder().keysAt(URI.create("https://a")).jwks(jwks(EC.jwk())));
        assertThatIllegalStateException()
                .isThrownBy(() -> builder().jwks(jwks(EC.jwk())).keysAt(URI.create("https://a")));
    }

    @Test
    void keysThatCannotBeUsedAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().secret(new byte[31]))
                .withMessageContaining("31");
        for (String text : List.of("", "{}", "null", "[]", "{\"keys\":[]}", "{\"keys\":[1]}", "<html>")) {
            assertThatIllegalArgumentException().isThrownBy(() -> builder().jwks(text));
        }
        String p384 = "-----BEGIN PUBLIC KEY-----\nMHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE" + "-----END PUBLIC KEY-----";
        for (String text : List.of(
                "",
                "a",
                p384,
                EC.pem().replace("PUBLIC", "PRIVATE"),
                "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
                "-----BEGIN PUBLIC KEY-----\nA\n-----END PUBLIC KEY-----")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> builder().publicKey(text))
                    .withMessageContaining("openssl");
        }
        for (String address : List.of("ftp://a", "keys", "https:", "file:///a")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> builder().keysAt(URI.create(address)))
                    .withMessageContaining(address);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> Jwts.issuer(""));
    }

    @Test
    void theClockSkewIsZeroToTenMinutes() {
        assertThatIllegalArgumentException().isThrownBy(() -> builder().clockSkew(Duration.ofNanos(-1)));
        assertThatIllegalArgumentException().isThrownBy(() -> builder().clockSkew(Duration.ofSeconds(601)));
    }
}
