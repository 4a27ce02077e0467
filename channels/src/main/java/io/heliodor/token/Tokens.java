package io.heliodor.token;

import io.heliodor.type.Type;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.PayloadOutcome;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Creates and verifies signed, expiring tokens, as {@code Phoenix.Token} does. A page that has authenticated a user contains a token. The
 * page's socket has no session, and verifies the token instead.
 *
 * {@snippet lang="java" :
 * Tokens<User> tokens = Tokens.of(User.class, "user socket").secrets(Secret.of(fromConfiguration)).build();
 * String token = tokens.sign(new User("42", "Ann"));
 *
 * UserSocket.connect(connect -> switch (tokens.verify(connect.authToken())) {
 *     case TokenOutcome.Valid<User>(var user, var signed, var left) ->
 *         Connect.ok(user, "users:" + user.id()).validFor(left);
 *     default -> Connect.refuse();
 * });
 * }
 *
 * <p>The value of a token is signed, not encrypted: it can be read without a secret, but not made or modified (HMAC with SHA-256,
 * compared in constant time). A token has about 80 characters, and four for each three bytes of its value. All of them are allowed in
 * a URL. Its times are those of the wall clock. If the clocks of two machines differ, tokens are valid for that much longer or shorter.
 *
 * <p>Any thread may use it; no method blocks.
 *
 * @param <T> the type of the values, which Jackson writes and reads
 */
public final class Tokens<T> {
    private static final String VERSION = "h1.";
    static final int MAX_CHARACTERS = 8_192;
    private static final int TIMES_BYTES = 2 * Long.BYTES;
    private static final int MAC_BYTES = 32;
    private static final Duration DEFAULT_VALIDITY = Duration.ofDays(1);

    /** The longest validity of any token. */
    static final Duration MAX_VALIDITY = Duration.ofDays(3_650);

    private final Type<T> type;
    private final List<SigningKey> keys;
    private final Duration validity;
    private final Duration maxValidity;
    private final InstantSource clock;
    private final @Nullable Revocations revocations;
    private final Function<? super T, String> subject;
    private final PayloadCodec codec;

    private Tokens(Builder<T> builder) {
        type = builder.type;
        keys = List.copyOf(builder.secrets.stream()
                .map(secret -> SigningKey.of(secret, builder.purpose))
                .toList());
        validity = builder.validity;
        maxValidity = builder.maxValidity();
        clock = builder.clock;
        revocations = builder.revocations;
        subject = builder.subject;
        codec = builder.codec;
    }

    /**
     * A builder.
     *
     * @param type the type of the values
     * @param purpose the purpose, such as {@code "user socket"}; not empty. A token for one purpose is invalid for another
     * @param <T> the type of the values
     * @return a builder, which needs secrets
     */
    public static <T> Builder<T> of(Class<T> type, String purpose) {
        return new Builder<>(Type.of(type), purpose);
    }

    /**
     * Signs a value, with the default validity of the builder.
     *
     * @param value the value, which is not encrypted
     * @return the token
     * @throws IllegalArgumentException if Jackson cannot write the value, or the token would be longer than 8 192
     *     characters
     */
    public String sign(T value) {
        return sign(value, validity);
    }

    /**
     * Signs a value.
     *
     * @param value the value, which is not encrypted
     * @param validFor the time until its expiry: 0 (it has expired, for tests) to 3 650 days, or to the maximum of its
     *     {@linkplain Revocations#over(io.heliodor.pubsub.PubSub, Duration) revocations}
     * @return the token
     * @throws IllegalArgumentException if the time is out of range, Jackson cannot write the value, or the token would be
     *     longer than 8 192 characters
     */
    public String sign(T value, Duration validFor) {
        Objects.requireNonNull(value, "value");
        Objects.requireNonNull(validFor, "validFor");
        if (validFor.isNegative() || validFor.compareTo(maxValidity) > 0) {
            throw new IllegalArgumentException(
                    "A token holds for 0 to " + text(maxValidity) + ", not for " + validFor + ".");
        }
        long now = clock.millis();
        if (!(codec.encodeResponse(value) instanceof Payload.Json json)) {
            throw new IllegalArgumentException("A token carries JSON, no bytes.");
        }
        byte[] content = ByteBuffer.allocate(TIMES_BYTES + json.length())
                .putLong(revocations == null ? now : revocations.signingTime(subject.apply(value), now))
                .putLong(now + validFor.toMillis())
                .put(json.bytes(), json.from(), json.length())
                .array();
        String signed = VERSION + encode(content);
        String token = signed + "." + encode(keys.getFirst().sign(signed.getBytes(StandardCharsets.US_ASCII)));
        if (token.length() > MAX_CHARACTERS) {
            throw new IllegalArgumentException("A token of " + token.length() + " characters is too long; at most "
                    + MAX_CHARACTERS + " are taken: sign the key of the value.");
        }
        return token;
    }

    /**
     * Verifies a token.
     *
     * @param token the text from a client
     * @return its value, or why it is not valid
     */
    public TokenOutcome<T> verify(String token) {
        return verify(token, maxValidity);
    }

    /**
     * Verifies a token that a client may have sent.
     *
     * @param token the text from a client: {@code connect.authToken()} or {@code connect.param("token")}
     * @return its value, or why it is not valid; {@link TokenOutcome.Missing} for none or an empty one
     */
    public TokenOutcome<T> verify(Optional<String> token) {
        Objects.requireNonNull(token, "token");
        return verify(token.orElse(""), maxValidity);
    }

    /**
     * Verifies a token with a maximum age, in addition to its expiry.
     *
     * @param token the text from a client
     * @param maxAge the maximum time since it was signed
     * @return its value, or why it is not valid
     */
    public TokenOutcome<T> verify(String token, Duration maxAge) {
        Objects.requireNonNull(token, "token");
        Objects.requireNonNull(maxAge, "maxAge");
        if (token.isEmpty()) {
            return new TokenOutcome.Missing<>();
        }
        int dot = token.lastIndexOf('.');
        if (token.length() > MAX_CHARACTERS || dot <= VERSION.length() || !token.startsWith(VERSION)) {
            return new TokenOutcome.Invalid<>();
        }
        byte @Nullable [] mac = decode(token.substring(dot + 1));
        byte @Nullable [] content = decode(token.substring(VERSION.length(), dot));
        if (mac == null || mac.length != MAC_BYTES || content == null || content.length < TIMES_BYTES) {
            return new TokenOutcome.Invalid<>();
        }
        byte[] signed = token.substring(0, dot).getBytes(StandardCharsets.UTF_8);
        if (keys.stream().noneMatch(key -> MessageDigest.isEqual(key.sign(signed), mac))) {
            return new TokenOutcome.Invalid<>();
        }
        return outcome(content, maxAge);
    }

    private TokenOutcome<T> outcome(byte[] content, Duration maxAge) {
        ByteBuffer times = ByteBuffer.wrap(content);
        long at = times.getLong();
        long until = Math.min(times.getLong(), at + Math.min(maxAge.toMillis(), maxValidity.toMillis()));
        long now = clock.millis();
        if (now >= until) {
            return new TokenOutcome.Expired<>(Instant.ofEpochMilli(until));
        }
        Payload json = new Payload.Json(content, TIMES_BYTES, content.length);
        return switch (codec.decode(type, json)) {
            case PayloadOutcome.Invalid<T> _ ->
                new TokenOutcome.Invalid<>(); // signed by an earlier version of the program
            case PayloadOutcome.Valid<T>(T value)
            when revocations != null && revocations.refuses(subject.apply(value), at) -> new TokenOutcome.Revoked<>();
            case PayloadOutcome.Valid<T>(T value) ->
                new TokenOutcome.Valid<>(value, Instant.ofEpochMilli(at), Duration.ofMillis(until - now));
        };
    }

    /** Checks a validity that is not 0. */
    static Duration checked(Duration validity) {
        if (!validity.isPositive() || validity.compareTo(MAX_VALIDITY) > 0) {
            throw new IllegalArgumentException(
                    "Tokens hold for more than zero and at most 3650 days, not for " + validity + ".");
        }
        return validity;
    }

    private static String text(Duration validity) {
        return validity.equals(MAX_VALIDITY) ? "3650 days" : validity.toString();
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static byte @Nullable [] decode(String text) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(text);
            // A value has one valid text: the decoder also accepts padding and other spare bits.
            return encode(bytes).equals(text) ? bytes : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /**
     * Builds {@link Tokens}. Not thread-safe.
     *
     * @param <T> the type of the values
     */
    public static final class Builder<T> {
        private final Type<T> type;
        private final String purpose;
        private final List<Secret> secrets = new ArrayList<>();
        private Duration validity = DEFAULT_VALIDITY;
        private InstantSource clock = InstantSource.system();
        private @Nullable Revocations revocations;
        private Function<? super T, String> subject = value -> "";
        private PayloadCodec codec = PayloadCodec.strict();

        private Builder(Type<T> type, String purpose) {
            Objects.requireNonNull(type, "type");
            Objects.requireNonNull(purpose, "purpose");
            if (purpose.isEmpty()) {
                throw new IllegalArgumentException(
                        "Tokens have a purpose, so that those for one thing do not open another: \"user socket\".");
            }
            this.type = type;
            this.purpose = purpose;
        }

        /**
         * Sets the secrets. To change a secret, first add the new one as an earlier one on all servers, then make it the present one.
         * Remove the old one after all of its tokens have expired.
         *
         * @param present the secret that signs and verifies
         * @param earlier secrets that verify only
         * @return this
         */
        public Builder<T> secrets(Secret present, Secret... earlier) {
            Objects.requireNonNull(present, "present");
            Objects.requireNonNull(earlier, "earlier");
            secrets.clear();
            secrets.add(present);
            secrets.addAll(List.of(earlier));
            return this;
        }

        /**
         * Sets the validity of tokens that are signed without a time.
         *
         * @param time more than 0, at most 3 650 days; 1 day by default
         * @return this
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder<T> validFor(Duration time) {
            Objects.requireNonNull(time, "time");
            validity = checked(time);
            return this;
        }

        /**
         * Makes tokens revocable by subject. They are not signed for longer than the maximum validity of the revocations, and expire
         * that long after they were signed.
         *
         * @param known the revocations, which may be shared with other tokens
         * @param whose returns the subject of a value that is signed or verified, such as the user's key; must not block
         * @return this
         */
        public Builder<T> revocable(Revocations known, Function<? super T, String> whose) {
            revocations = Objects.requireNonNull(known, "known");
            subject = Objects.requireNonNull(whose, "whose");
            return this;
        }

        /**
         * Sets the clock, for tests.
         *
         * @param source a clock; by default that of the system
         * @return this
         */
        public Builder<T> clock(InstantSource source) {
            clock = Objects.requireNonNull(source, "source");
            return this;
        }

        /**
         * Sets the JSON mapper of the values. It becomes as strict as that of an endpoint, and keeps its modules, names, formats and
         * annotations.
         *
         * @param mapper a mapper of Jackson, which is copied; by default one without modules
         * @return this
         */
        public Builder<T> json(JsonMapper mapper) {
            codec = PayloadCodec.strict(Objects.requireNonNull(mapper, "mapper"));
            return this;
        }

        /**
         * Builds the tokens.
         *
         * @return tokens
         * @throws IllegalStateException without a secret, or if the validity is longer than the maximum of the revocations
         * @throws IllegalArgumentException if no value of the type could be read from a token
         */
        public Tokens<T> build() {
            if (secrets.isEmpty()) {
                throw new IllegalStateException("Tokens are signed with a secret: add .secrets(Secret.of(...)).");
            }
            if (validity.compareTo(maxValidity()) > 0) {
                throw new IllegalStateException("Tokens hold for " + validity + ", but their revocations end after "
                        + maxValidity() + ": add .validFor(...), or give Revocations a longer validity.");
            }
            codec.unreadable(type, false).ifPresent(problem -> {
                throw new IllegalArgumentException(
                        "Tokens of " + type + " could be signed, but not verified. " + problem);
            });
            return new Tokens<>(this);
        }

        private Duration maxValidity() {
            return revocations == null ? MAX_VALIDITY : revocations.maxValidity();
        }
    }
}
