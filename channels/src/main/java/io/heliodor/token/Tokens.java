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
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Signs values for clients to bring back, as {@code Phoenix.Token} does: a page that knows who is signed in hands out a
 * token, and the socket, which knows no session, asks for it.
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
 * <p>A token can be read by everybody, and made or changed by nobody without a secret (HMAC with SHA-256, compared in
 * constant time). It has about 80 characters and four for each three bytes of its value, all of which may stand in a URL.
 * The moments in it are by the wall clock: of machines whose clocks differ, tokens hold that much longer or shorter.
 *
 * <p>Any thread may use it; nothing here blocks.
 *
 * @param <T> what tokens carry: what Jackson writes and reads
 */
public final class Tokens<T> {
    private static final String VERSION = "h1.";
    private static final int MOST_CHARACTERS = 8_192;
    private static final int TIMES = 2 * Long.BYTES;
    private static final int MAC_BYTES = 32;
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration LONGEST = Duration.ofDays(3_650);

    private final Type<T> type;
    private final List<SigningKey> keys;
    private final Duration holds;
    private final InstantSource clock;
    private final @Nullable Revocations revocations;
    private final Function<? super T, String> subject;
    private final PayloadCodec codec = PayloadCodec.strict();

    private Tokens(Builder<T> builder) {
        type = builder.type;
        keys = List.copyOf(builder.secrets.stream()
                .map(secret -> SigningKey.of(secret, builder.purpose))
                .toList());
        holds = builder.holds;
        clock = builder.clock;
        revocations = builder.revocations;
        subject = builder.subject;
    }

    /**
     * Tokens to be put together.
     *
     * @param type what they carry
     * @param purpose what they are for, {@code "user socket"} for instance: a token for one purpose is invalid for another;
     *     not empty
     * @param <T> what they carry
     * @return a builder, which wants secrets
     */
    public static <T> Builder<T> of(Class<T> type, String purpose) {
        return new Builder<>(Type.of(type), purpose);
    }

    /**
     * Signs a value, for as long as tokens hold here.
     *
     * @param value what the token carries; everybody can read it
     * @return the token
     * @throws IllegalArgumentException if Jackson cannot write the value, or the token would be longer than 8 192
     *     characters
     */
    public String sign(T value) {
        return sign(value, holds);
    }

    /**
     * Signs a value.
     *
     * @param value what the token carries; everybody can read it
     * @param validFor how long it holds: 0 (it has expired, for tests) to 3 650 days
     * @return the token
     * @throws IllegalArgumentException if the time is out of range, Jackson cannot write the value, or the token would be
     *     longer than 8 192 characters
     */
    public String sign(T value, Duration validFor) {
        if (validFor.isNegative() || validFor.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("A token holds for 0 to 3650 days, not for " + validFor + ".");
        }
        long now = clock.millis();
        if (!(codec.encodeResponse(value) instanceof Payload.Json json)) {
            throw new IllegalArgumentException("A token carries JSON, no bytes.");
        }
        byte[] content = ByteBuffer.allocate(TIMES + json.length())
                .putLong(now)
                .putLong(now + validFor.toMillis())
                .put(json.bytes(), json.from(), json.length())
                .array();
        String signed = VERSION + encode(content);
        String token = signed + "." + encode(keys.getFirst().sign(signed.getBytes(StandardCharsets.US_ASCII)));
        if (token.length() > MOST_CHARACTERS) {
            throw new IllegalArgumentException("A token of " + token.length() + " characters is too long; at most "
                    + MOST_CHARACTERS + " are taken: sign the key of the value.");
        }
        return token;
    }

    /**
     * Tells what a token carries.
     *
     * @param token whatever a client sent
     * @return its value, or why it does not count
     */
    public TokenOutcome<T> verify(String token) {
        return verify(token, LONGEST);
    }

    /**
     * Tells what a token carries.
     *
     * @param token whatever a client sent, if it did: {@code connect.authToken()} or {@code connect.param("token")}
     * @return its value, or why it does not count; {@link TokenOutcome.Missing} for none or an empty one
     */
    public TokenOutcome<T> verify(Optional<String> token) {
        return verify(token.orElse(""), LONGEST);
    }

    /**
     * Tells what a token carries, if it is not too old, whatever it was signed for.
     *
     * @param token whatever a client sent
     * @param maxAge how long ago it may have been signed at most
     * @return its value, or why it does not count
     */
    public TokenOutcome<T> verify(String token, Duration maxAge) {
        if (token.isEmpty()) {
            return new TokenOutcome.Missing<>();
        }
        int dot = token.lastIndexOf('.');
        if (token.length() > MOST_CHARACTERS || dot <= VERSION.length() || !token.startsWith(VERSION)) {
            return new TokenOutcome.Invalid<>();
        }
        byte @Nullable [] mac = decode(token.substring(dot + 1));
        byte @Nullable [] content = decode(token.substring(VERSION.length(), dot));
        if (mac == null || mac.length != MAC_BYTES || content == null || content.length < TIMES) {
            return new TokenOutcome.Invalid<>();
        }
        byte[] signed = token.substring(0, dot).getBytes(StandardCharsets.UTF_8);
        if (keys.stream().noneMatch(key -> MessageDigest.isEqual(key.sign(signed), mac))) {
            return new TokenOutcome.Invalid<>();
        }
        return judge(content, maxAge);
    }

    private TokenOutcome<T> judge(byte[] content, Duration maxAge) {
        ByteBuffer times = ByteBuffer.wrap(content);
        long at = times.getLong();
        long until = Math.min(times.getLong(), at + Math.min(maxAge.toMillis(), LONGEST.toMillis()));
        long now = clock.millis();
        if (now >= until) {
            return new TokenOutcome.Expired<>(Instant.ofEpochMilli(until));
        }
        Payload json = new Payload.Json(content, TIMES, content.length);
        return switch (codec.decode(type, json)) {
            case PayloadOutcome.Invalid<T> _ ->
                new TokenOutcome.Invalid<>(); // signed by an earlier version of the program
            case PayloadOutcome.Valid<T>(T value)
            when revocations != null && revocations.refuses(subject.apply(value), at) -> new TokenOutcome.Revoked<>();
            case PayloadOutcome.Valid<T>(T value) ->
                new TokenOutcome.Valid<>(value, Instant.ofEpochMilli(at), Duration.ofMillis(until - now));
        };
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static byte @Nullable [] decode(String text) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(text);
            // One value has one form: what the decoder overlooks, padding and spare bits, makes another.
            return encode(bytes).equals(text) ? bytes : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /**
     * Puts {@link Tokens} together. Not for several threads at once.
     *
     * @param <T> what they carry
     */
    public static final class Builder<T> {
        private final Type<T> type;
        private final String purpose;
        private final List<Secret> secrets = new ArrayList<>();
        private Duration holds = DAY;
        private InstantSource clock = InstantSource.system();
        private @Nullable Revocations revocations;
        private Function<? super T, String> subject = value -> "";

        private Builder(Type<T> type, String purpose) {
            if (purpose.isEmpty()) {
                throw new IllegalArgumentException(
                        "Tokens have a purpose, so that those for one thing do not open another: \"user socket\".");
            }
            this.type = type;
            this.purpose = purpose;
        }

        /**
         * What to sign with. To change a secret: first let all servers know the new one as an earlier one, then make it the
         * present one, and drop the old one when no token of it holds any more.
         *
         * @param present signs and verifies
         * @param earlier verify
         * @return this
         */
        public Builder<T> secrets(Secret present, Secret... earlier) {
            secrets.clear();
            secrets.add(present);
            secrets.addAll(List.of(earlier));
            return this;
        }

        /**
         * How long tokens hold that are signed without a time.
         *
         * @param time more than 0, at most 3 650 days; 1 day by default
         * @return this
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder<T> validFor(Duration time) {
            if (!time.isPositive() || time.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException(
                        "Tokens hold for more than zero and at most 3650 days, not for " + time + ".");
            }
            holds = time;
            return this;
        }

        /**
         * Refuses tokens whose subject was revoked.
         *
         * @param known who was; it may serve other tokens too
         * @param whose the subject of a value, such as the user's key; must not block
         * @return this
         */
        public Builder<T> revocable(Revocations known, Function<? super T, String> whose) {
            revocations = known;
            subject = whose;
            return this;
        }

        /**
         * What time it is, for tests.
         *
         * @param source the system's clock by default
         * @return this
         */
        public Builder<T> clock(InstantSource source) {
            clock = source;
            return this;
        }

        /**
         * Finishes.
         *
         * @return the tokens
         * @throws IllegalStateException without a secret
         */
        public Tokens<T> build() {
            if (secrets.isEmpty()) {
                throw new IllegalStateException("Tokens are signed with a secret: add .secrets(Secret.of(...)).");
            }
            return new Tokens<>(this);
        }
    }
}
