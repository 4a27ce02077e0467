package io.heliodor.jwt;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies the JSON Web Tokens of an issuer, such as the access tokens of an OpenID provider, and accepts connections by them.
 *
 * {@snippet lang="java" :
 * Jwts jwts = Jwts.issuer("https://idp.example.com/realms/x").audience("desk").build();
 *
 * UserSocket.connect(connect -> jwts.accept(connect, jwt -> person(jwt)))
 *         .onRefresh((token, socket) -> jwts.accept(token, jwt -> person(jwt)));
 * }
 *
 * <p><b>Keys.</b> By default the keys are those that the issuer publishes: the address is in its metadata (OpenID Connect Discovery). They are
 * fetched when the first token is verified, cached for 5 minutes, and fetched again when a token names an unknown key: once in 5 s, and twice at
 * once after a pause. If that fails, those before it stay in use for an hour. A document has at most 64 KiB ({@link Builder#maxDocumentBytes}). A key in it that
 * cannot be read is ignored: the log has a line about each new fault, and {@link #ignoredKeys} their number. {@link Builder#keysAt},
 * {@link Builder#jwks}, {@link Builder#publicKey} and {@link Builder#secret} give other keys.
 *
 * <p><b>Checks.</b> A token has at most 8 192 characters, and is signed by RS256 (2 048 bits or more), ES256 or EdDSA (Ed25519), or with a
 * {@linkplain Builder#secret secret} by HS256, unless the application chooses other {@linkplain Builder#algorithms algorithms}. Its algorithm
 * is one of the type of its key, and the one that the key names. The token names its key ({@code kid}), unless only one key has its algorithm.
 * {@code typ} is {@code JWT}, {@code at+jwt} or missing, and {@code crit} is missing. It has {@code iss}, one of the audiences in {@code aud},
 * {@code sub} and {@code exp}; {@code nbf} is checked if it is there. Its text has no padding, space or line break. Encrypted tokens are
 * refused.
 *
 * <p><b>Threads:</b> any. <b>Blocking:</b> a call that needs keys waits for them, up to 8 s: four requests of up to 2 s each, since a failed
 * fetch is repeated once. Calls at the same time wait for one fetch, up to 10 s. A token that names an unknown key may wait 5 s before that,
 * until a fetch is permitted; 256 wait at most, and others are {@link JwtOutcome.Unavailable}. With keys of your own, no method blocks.
 */
public final class Jwts {
    private static final Logger LOG = LoggerFactory.getLogger(Jwts.class);

    private static final Duration RETRY_AFTER = Duration.ofSeconds(10);

    private final TokenCheck check;

    private Jwts(TokenCheck check) {
        this.check = check;
    }

    /**
     * A builder for the tokens of an issuer.
     *
     * @param issuer the value of the claim {@code iss}, exactly as in the tokens. To find the keys by it, it must be a URL with {@code https}, or
     *     with {@code http} and a loopback address
     * @return a builder, which needs an audience
     * @throws IllegalArgumentException if it is empty
     */
    public static Builder issuer(String issuer) {
        Objects.requireNonNull(issuer, "issuer");
        if (issuer.isEmpty()) {
            throw new IllegalArgumentException(
                    "The issuer is empty; give the value of the claim iss, such as \"https://idp.example.com/realms/x\".");
        }
        return new Builder(issuer);
    }

    /**
     * Verifies a token. May block, see above.
     *
     * @param token the text from a client
     * @return its claims, or why it is not valid
     */
    public JwtOutcome verify(String token) {
        return check.verify(Objects.requireNonNull(token, "token"));
    }

    /**
     * Accepts or refuses a connection by its token: that of the header {@code Authorization: Bearer}, else {@link Connect#authToken()}.
     * Without one the client is refused with status 401 and the text {@code missing}, and otherwise as by {@link #accept(String, JwtHandler)}.
     * May block, see above.
     *
     * @param connect the request
     * @param handler called with the claims of a valid token
     * @param <S> the type of the connection's assigns
     * @return the outcome, for a connect handler
     * @throws Exception if the handler throws
     */
    public <S> ConnectOutcome<S> accept(Connect connect, JwtHandler<S> handler) throws Exception {
        Objects.requireNonNull(connect, "connect");
        Objects.requireNonNull(handler, "handler");
        Optional<String> token = connect.bearerToken().or(connect::authToken).filter(text -> !text.isEmpty());
        return token.isPresent() ? accept(token.get(), handler) : refused("missing");
    }

    /**
     * Accepts or refuses a token, such as a fresh one of an open connection. May block, see above.
     *
     * <p>A valid token is accepted as the handler decides, until its expiry and the clock skew, or a shorter time of the handler. An expired
     * token is refused with status 401 and the text {@code expired}, an invalid one with 401 and {@code invalid}. If it cannot be
     * verified now, the status is 503, with a {@code Retry-After} of 10 s.
     *
     * <p>The reason of an invalid token is logged at the level debug. The server logs a 503 with its cause as a
     * warning, at a rate.
     *
     * @param token the text from a client
     * @param handler called with the claims of a valid token
     * @param <S> the type of the connection's assigns
     * @return the outcome, for a connect handler or a handler of fresh tokens
     * @throws Exception if the handler throws
     */
    public <S> ConnectOutcome<S> accept(String token, JwtHandler<S> handler) throws Exception {
        Objects.requireNonNull(token, "token");
        Objects.requireNonNull(handler, "handler");
        return switch (verify(token)) {
            case JwtOutcome.Valid(Jwt jwt) -> limited(handler.accept(jwt), jwt.expiresAt());
            case JwtOutcome.Expired _ -> refused("expired");
            case JwtOutcome.Invalid(String reason) -> {
                LOG.debug("A token of {} is invalid: {}", check.issuer(), reason);
                yield Connect.<S>refuse(401).text("invalid").because(reason);
            }
            case JwtOutcome.Unavailable(String reason) -> {
                // The server logs refusals with 503 and their causes.
                yield Connect.<S>refuse(503)
                        .text("unavailable")
                        .retryAfter(RETRY_AFTER)
                        .because("tokens of " + check.issuer() + " cannot be verified: " + reason);
            }
        };
    }

    /**
     * The number of keys that are ignored because they cannot be read, in the set that the issuer has published when it was read for the last
     * time. For a gauge of your monitoring. Does not block.
     *
     * @return the number; 0 before the first token, and with keys of your own
     */
    public int ignoredKeys() {
        return check.keys().ignored();
    }

    private static <S> ConnectOutcome<S> refused(String text) {
        return Connect.<S>refuse(401).text(text);
    }

    /** A token is accepted until its expiry and the clock skew, so its connection lasts as long. */
    private <S> ConnectOutcome<S> limited(ConnectOutcome<S> outcome, Instant expiry) {
        return switch (outcome) {
            case ConnectOutcome.Accepted<S> accepted -> accepted.validUntil(expiry.plus(check.skew()));
            case ConnectOutcome.Refused<S> refused -> refused;
        };
    }

    /** Builds {@link Jwts}. Not thread-safe. */
    public static final class Builder {
        private static final Set<JWSAlgorithm> DEFAULT_ALGORITHMS =
                Set.of(JWSAlgorithm.RS256, JWSAlgorithm.ES256, JWSAlgorithm.EdDSA, JWSAlgorithm.HS256);
        private static final Duration MAX_SKEW = Duration.ofMinutes(10);
        private static final int MIN_SECRET_BYTES = 32;
        private static final int MAX_DOCUMENT_BYTES = 16 << 20;
        private static final int MIN_DOCUMENT_BYTES = 1 << 10;

        private final String issuer;
        private Set<String> audiences = Set.of();
        private List<String> subjectClaim = List.of("sub");
        private Set<JWSAlgorithm> algorithms = Set.of();
        private int maxDocumentBytes = 64 << 10;
        private @Nullable KeySource keys;
        private @Nullable URI address;
        private Duration skew = Duration.ofSeconds(30);
        private InstantSource clock = InstantSource.system();
        private LongSupplier nanos = System::nanoTime;
        private RemoteKeys.Pause pause = TimeUnit.NANOSECONDS::sleep;
        private int maxWaiting = RemoteKeys.MAX_WAITING;
        private Duration timeout = Duration.ofSeconds(2);

        private Builder(String issuer) {
            this.issuer = issuer;
        }

        /**
         * Sets the audience: the name of this application in the claim {@code aud}. A token for another application is refused.
         *
         * @param name the name, not empty
         * @param others further names; a token needs one of all of them
         * @return this
         * @throws IllegalArgumentException if a name is empty
         */
        public Builder audience(String name, String... others) {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(others, "others");
            Set<String> all = new HashSet<>(List.of(others));
            all.add(name);
            if (all.contains("")) {
                throw new IllegalArgumentException(
                        "An audience is empty; give a value of the claim aud, such as \"desk\".");
            }
            audiences = Set.copyOf(all);
            return this;
        }

        /**
         * Sets the claim that names the user, which {@link Jwt#subject} returns then. Issuers may leave {@code sub} out of access tokens, as
         * Keycloak does in lightweight ones.
         *
         * @param claim its name, {@code sub} by default. Choose one that is never given to another user: an e-mail address or a user name may be
         * @param path the names of nested claims in it
         * @return this
         * @throws IllegalArgumentException if a name is empty
         */
        public Builder subjectClaim(String claim, String... path) {
            Objects.requireNonNull(claim, "claim");
            Objects.requireNonNull(path, "path");
            List<String> names =
                    Stream.concat(Stream.of(claim), List.of(path).stream()).toList();
            if (names.contains("")) {
                throw new IllegalArgumentException("The name of a claim is empty; give one such as \"uid\".");
            }
            subjectClaim = names;
            return this;
        }

        /**
         * Sets the algorithms of tokens that are accepted. A key verifies those of its type only, and if it names one ({@code alg}), that one.
         *
         * @param name RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA or Ed25519; by default RS256, ES256 and EdDSA. With
         *     a secret HS256, HS384 or HS512; by default HS256
         * @param others further names
         * @return this
         * @throws IllegalArgumentException if a name is another one
         */
        public Builder algorithms(String name, String... others) {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(others, "others");
            Set<JWSAlgorithm> chosen = new LinkedHashSet<>();
            Stream.concat(Stream.of(name), List.of(others).stream()).forEach(each -> chosen.add(algorithm(each)));
            algorithms = chosen;
            return this;
        }

        private static JWSAlgorithm algorithm(String name) {
            return Stream.of(VerificationKey.PUBLIC, VerificationKey.SECRET)
                    .flatMap(Set::stream)
                    .filter(known -> known.getName().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("'" + name
                            + "' is not an algorithm of tokens here; give RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384,"
                            + " ES512, EdDSA or Ed25519, or with a secret HS256, HS384 or HS512."));
        }

        /**
         * Sets the maximum size of the documents of the issuer: its metadata and its keys.
         *
         * @param limit bytes, 1 KiB to 16 MiB; 64 KiB by default
         * @return this
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder maxDocumentBytes(int limit) {
            if (limit < MIN_DOCUMENT_BYTES || limit > MAX_DOCUMENT_BYTES) {
                throw new IllegalArgumentException(
                        "maxDocumentBytes is " + limit + "; give it between 1 KiB and 16 MiB.");
            }
            maxDocumentBytes = limit;
            return this;
        }

        /**
         * Sets the address of the keys, if the issuer has no metadata, or if this server reaches it under another address.
         *
         * @param jwks a URL of {@code https} or {@code http}. With {@code http}, programs on the way can replace the keys: use that only in a
         *     network that you trust
         * @return this
         * @throws IllegalArgumentException if it is not such a URL
         * @throws IllegalStateException if there are other keys
         */
        public Builder keysAt(URI jwks) {
            Objects.requireNonNull(jwks, "jwks");
            if (!Addresses.isHttp(jwks)) {
                throw new IllegalArgumentException("Keys are fetched from a URL such as"
                        + " https://idp.example.com/keys, not from '" + jwks + "'.");
            }
            checkNoKeys();
            address = jwks;
            return this;
        }

        /**
         * Sets public keys of your own as a JWKS (RFC 7517). Private keys and secrets in it are not used. Keys that cannot be read are ignored,
         * with a warning in the log.
         *
         * @param json the text, {@code {"keys": [...]}}
         * @return this
         * @throws IllegalArgumentException if it is not a JWKS, or none of its keys can verify a signature
         * @throws IllegalStateException if there are other keys
         */
        public Builder jwks(String json) {
            Objects.requireNonNull(json, "json");
            KeySet set;
            try {
                JwksDocument read = JwksDocument.parse(json);
                set = KeySet.of(read.keys());
                if (read.ignored() > 0) {
                    LOG.warn(
                            "{} of your own keys for {} cannot be read and are ignored: {}",
                            read.ignored(),
                            issuer,
                            read.fault());
                }
            } catch (ParseException | RuntimeException e) { // Nimbus throws others for JSON that is not an object
                throw new IllegalArgumentException(
                        "The keys are not a JWKS such as {\"keys\": [...]}: " + e.getMessage(), e);
            }
            if (set.keys().isEmpty()) {
                throw new IllegalArgumentException(
                        "None of the keys verifies signatures: give public keys of RSA with 2048 bits or more, P-256, P-384, P-521 or"
                                + " Ed25519.");
            }
            return keys(set);
        }

        /**
         * Sets a public key of your own. It verifies all tokens, whatever key they name.
         *
         * @param pem the text of the key, {@code -----BEGIN PUBLIC KEY-----...}: RSA with 2 048 bits or more, P-256, P-384, P-521 or
         *     Ed25519
         * @return this
         * @throws IllegalArgumentException if it is not such a key
         * @throws IllegalStateException if there are other keys
         */
        public Builder publicKey(String pem) {
            Objects.requireNonNull(pem, "pem");
            JWK key = PublicKeys.ofPem(pem)
                    .orElseThrow(() -> new IllegalArgumentException(
                            "The key is not a public key in PEM, -----BEGIN PUBLIC KEY-----; 'openssl pkey -pubout' writes"
                                    + " that of a private key, 'openssl x509 -pubkey -noout' that of a certificate."));
            return keys(new OneKey(VerificationKey.of(key)
                    .orElseThrow(() -> new IllegalArgumentException(
                            "The key cannot be used: give one of RSA with 2048 bits or more, P-256, P-384, P-521 or"
                                    + " Ed25519."))));
        }

        /**
         * Sets a secret that the issuer shares with this server, for tokens signed by HS256. Every holder of it can make tokens.
         *
         * @param bytes the secret, at least 32 random bytes, 48 for HS384 and 64 for HS512; copied. If the issuer shows it in Base64, decode it
         * @return this
         * @throws IllegalArgumentException if it is too short, or a public key
         * @throws IllegalStateException if there are other keys
         */
        public Builder secret(byte[] bytes) {
            Objects.requireNonNull(bytes, "bytes");
            if (bytes.length < MIN_SECRET_BYTES) {
                throw new IllegalArgumentException("A secret of " + bytes.length
                        + " bytes is too short for HS256; take at" + " least " + MIN_SECRET_BYTES + ".");
            }
            if (new String(bytes, StandardCharsets.ISO_8859_1).contains("-----BEGIN ")
                    || PublicKeys.ofDer(bytes).isPresent()) {
                throw new IllegalArgumentException(
                        "The secret is a key in PEM or DER. A public key is known to all: use publicKey(pem).");
            }
            OctetSequenceKey key = new OctetSequenceKey.Builder(bytes).build();
            return keys(new OneKey(VerificationKey.of(key).orElseThrow()));
        }

        private Builder keys(KeySource source) {
            checkNoKeys();
            keys = source;
            return this;
        }

        private void checkNoKeys() {
            if (keys != null || address != null) {
                throw new IllegalStateException(
                        "The keys of " + issuer
                                + " are set already; use one of keysAt, jwks, publicKey and secret. A JWKS may have several keys.");
            }
        }

        /**
         * Sets the time by which the clock of the issuer may differ from that of this server.
         *
         * @param time 0 to 10 minutes; 30 s by default
         * @return this
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder clockSkew(Duration time) {
            Objects.requireNonNull(time, "time");
            if (time.isNegative() || time.compareTo(MAX_SKEW) > 0) {
                throw new IllegalArgumentException("Clocks may differ by 0 to 10 minutes, not by " + time + ".");
            }
            skew = time;
            return this;
        }

        /**
         * Sets the clock, for tests.
         *
         * @param source a clock; by default that of the system
         * @return this
         */
        public Builder clock(InstantSource source) {
            clock = Objects.requireNonNull(source, "source");
            return this;
        }

        /** Sets the monotonic clock of the cache, in nanoseconds, for tests. */
        Builder nanos(LongSupplier source) {
            nanos = source;
            return this;
        }

        /** Sets how many tokens wait for a fetch to be permitted, and how, for tests. */
        Builder waiting(int max, RemoteKeys.Pause source) {
            maxWaiting = max;
            pause = source;
            return this;
        }

        /** Sets the timeout of a request for keys, for tests. */
        Builder timeout(Duration time) {
            timeout = time;
            return this;
        }

        /**
         * Builds the verification. Keys are not fetched yet.
         *
         * @return the verification of these tokens
         * @throws IllegalStateException without an audience, without keys if the issuer is not a URL by which they can be found, or if no key
         *     has one of the algorithms
         */
        public Jwts build() {
            if (audiences.isEmpty()) {
                throw new IllegalStateException("Tokens of " + issuer
                        + " for other applications would be accepted: add .audience(\"desk\"), with the name of this application"
                        + " in the claim aud.");
            }
            KeySource source = keys == null ? published() : keys;
            return new Jwts(new TokenCheck(source, accepted(source), issuer, audiences, subjectClaim, skew, clock));
        }

        private Set<JWSAlgorithm> accepted(KeySource source) {
            Set<JWSAlgorithm> chosen = algorithms.isEmpty() ? DEFAULT_ALGORITHMS : algorithms;
            Set<JWSAlgorithm> accepted =
                    chosen.stream().filter(source.algorithms()::contains).collect(Collectors.toUnmodifiableSet());
            // A name that cannot hold is misuse: a secret algorithm for public keys, or one for which the secret is too
            // short.
            boolean isMixed = algorithms.stream()
                    .anyMatch(name -> VerificationKey.SECRET.contains(name) && !accepted.contains(name));
            if (accepted.isEmpty() || isMixed) {
                throw new IllegalStateException(
                        "The keys of " + issuer + " verify " + names(source.algorithms()) + ", and tokens with "
                                + names(chosen) + " are accepted; add .algorithms(name) with one of the former.");
            }
            return accepted;
        }

        private static String names(Set<JWSAlgorithm> algorithms) {
            return algorithms.stream().map(JWSAlgorithm::getName).sorted().collect(Collectors.joining(", "));
        }

        private KeySource published() {
            if (address == null && !isTrustedUrl(issuer)) {
                throw new IllegalStateException(
                        "The keys cannot be found by the issuer '" + issuer
                                + "', which is not a URL with https; add .keysAt(url), .jwks(json), .publicKey(pem) or .secret(bytes).");
            }
            Fetch fetch = new Fetch(timeout, maxDocumentBytes);
            return new RemoteKeys(
                    new PublishedKeys(issuer, Optional.ofNullable(address), fetch), nanos, pause, maxWaiting);
        }

        private static boolean isTrustedUrl(String issuer) {
            try {
                return Addresses.isTrusted(URI.create(issuer));
            } catch (IllegalArgumentException e) {
                return false;
            }
        }
    }
}
