package io.heliodor.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

class TokensTests {
    record User(String id, String name) {}

    record Renamed(String key) {}

    interface Subject {}

    record Person(String id) implements Subject {}

    private static final Secret SECRET = Secret.of("a secret of the tests, 32 bytes or more");
    private static final Secret NEXT = Secret.of("the next secret of the tests, of 32 bytes or more");
    private static final User ANN = new User("42", "Ann");
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private Instant now = START;
    private final InstantSource clock = () -> now;
    private final Tokens<User> tokens =
            Tokens.of(User.class, "socket").secrets(SECRET).clock(clock).build();

    private void passes(Duration time) {
        now = now.plus(time);
    }

    private static final String TEXT = """
            h1.AAABm3baqAAAAAGbfAEEAHsiaWQiOiI0MiIsIm5hbWUiOiJBbm4ifQ.4-NQdD7qZN2yxwRbca5pF920l_8MjQ27C6ZC1cJf2DA
            """;

    /** Other bytes are another wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        assertThat(tokens.sign(ANN)).isEqualTo(TEXT.strip());
        assertThat(tokens.verify(TEXT.strip()).valid()).contains(ANN);
    }

    @Test
    void verifyingReturnsTheSignedValue() {
        String token = tokens.sign(ANN);
        passes(Duration.ofHours(1));
        assertThat(tokens.verify(token)).isEqualTo(new TokenOutcome.Valid<>(ANN, START, Duration.ofHours(23)));
        assertThat(tokens.verify(token).valid()).contains(ANN);
        assertThat(token).matches("[A-Za-z0-9_.-]+");
    }

    /** Tokens of such a type were signed, and each was invalid. */
    @Test
    void aTypeThatCannotBeReadIsRefusedAtTheBuild() {
        Tokens.Builder<Subject> unreadable = Tokens.of(Subject.class, "socket").secrets(SECRET);
        assertThatIllegalArgumentException()
                .isThrownBy(unreadable::build)
                .withMessageContainingAll(Subject.class.getName(), "could be signed, but not verified", "is abstract");
        SimpleModule module = new SimpleModule().addAbstractTypeMapping(Subject.class, Person.class);
        Tokens<Subject> read =
                unreadable.json(JsonMapper.builder().addModule(module).build()).build();
        assertThat(read.verify(read.sign(new Person("42"))).valid()).contains(new Person("42"));
    }

    @Test
    void aTokenIsValidForADayByDefault() {
        String day = tokens.sign(ANN);
        String minute = tokens.sign(ANN, Duration.ofMinutes(1));
        passes(Duration.ofMinutes(1).minusMillis(1));
        assertThat(tokens.verify(minute)).isInstanceOf(TokenOutcome.Valid.class);
        passes(Duration.ofMillis(1));
        assertThat(tokens.verify(minute)).isEqualTo(new TokenOutcome.Expired<>(START.plusSeconds(60)));
        passes(Duration.ofDays(1).minusMinutes(1).minusMillis(1));
        assertThat(tokens.verify(day)).isInstanceOf(TokenOutcome.Valid.class);
        passes(Duration.ofMillis(1));
        assertThat(tokens.verify(day)).isInstanceOf(TokenOutcome.Expired.class);
    }

    @Test
    void aVerifierMayRequireYoungerTokens() {
        String token = tokens.sign(ANN);
        passes(Duration.ofMinutes(5));
        assertThat(tokens.verify(token, Duration.ofMinutes(6)))
                .isEqualTo(new TokenOutcome.Valid<>(ANN, START, Duration.ofMinutes(1)));
        assertThat(tokens.verify(token, Duration.ofMinutes(5))).isInstanceOf(TokenOutcome.Expired.class);
    }

    @Test
    void aTokenForNoTimeHasExpired() {
        assertThat(tokens.verify(tokens.sign(ANN, Duration.ZERO))).isEqualTo(new TokenOutcome.Expired<>(START));
    }

    @Test
    void anAbsentTokenIsMissing() {
        assertThat(tokens.verify(Optional.empty())).isEqualTo(new TokenOutcome.Missing<>());
        assertThat(tokens.verify("")).isEqualTo(new TokenOutcome.Missing<>());
        assertThat(tokens.verify("").valid()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {".", "..", "h1", "h1.", "h1..", "h1.a.b", "h2.AAAA.AAAA", "SFMyNTY.g3QAAA.abc", "ä", "h1.€.€"})
    void aTextThatIsNotATokenIsInvalid(String text) {
        assertThat(tokens.verify(text)).isEqualTo(new TokenOutcome.Invalid<>());
    }

    @Test
    void eachChangeOfACharacterIsNoticed() {
        String token = tokens.sign(ANN);
        for (int i = 0; i < token.length(); i++) {
            for (char other : new char[] {'A', 'B', 'x', '0', '_', '.', '=', 'é', 0}) {
                if (token.charAt(i) != other) {
                    String changed = token.substring(0, i) + other + token.substring(i + 1);
                    assertThat(tokens.verify(changed)).as("%s at %d", other, i).isEqualTo(new TokenOutcome.Invalid<>());
                }
            }
            assertThat(tokens.verify(token.substring(0, i)))
                    .isEqualTo(i == 0 ? new TokenOutcome.Missing<>() : new TokenOutcome.Invalid<>());
        }
        assertThat(tokens.verify(token + "=")).isEqualTo(new TokenOutcome.Invalid<>());
        assertThat(tokens.verify(token + "A")).isEqualTo(new TokenOutcome.Invalid<>());
        assertThat(tokens.verify(" " + token)).isEqualTo(new TokenOutcome.Invalid<>());
    }

    @Test
    void aValueCannotBePutUnderAnothersSignature() {
        String ann = tokens.sign(ANN);
        String bob = tokens.sign(new User("43", "Bob"));
        String mixed = ann.substring(0, ann.lastIndexOf('.')) + bob.substring(bob.lastIndexOf('.'));
        assertThat(tokens.verify(mixed)).isEqualTo(new TokenOutcome.Invalid<>());
    }

    @Test
    void anotherSecretAndAnotherPurposeAreInvalid() {
        String token = tokens.sign(ANN);
        assertThat(Tokens.of(User.class, "socket")
                        .secrets(NEXT)
                        .clock(clock)
                        .build()
                        .verify(token))
                .isEqualTo(new TokenOutcome.Invalid<>());
        assertThat(Tokens.of(User.class, "reset")
                        .secrets(SECRET)
                        .clock(clock)
                        .build()
                        .verify(token))
                .isEqualTo(new TokenOutcome.Invalid<>());
    }

    @Test
    void aSecretIsChangedInThreeSteps() {
        Tokens<User> takesNext = Tokens.of(User.class, "socket")
                .secrets(SECRET, NEXT)
                .clock(clock)
                .build();
        Tokens<User> signsNext = Tokens.of(User.class, "socket")
                .secrets(NEXT, SECRET)
                .clock(clock)
                .build();
        Tokens<User> onlyNext =
                Tokens.of(User.class, "socket").secrets(NEXT).clock(clock).build();
        String before = tokens.sign(ANN);
        String after = signsNext.sign(ANN);
        assertThat(takesNext.verify(before).valid()).contains(ANN);
        assertThat(takesNext.verify(after).valid()).contains(ANN);
        assertThat(signsNext.verify(before).valid()).contains(ANN);
        assertThat(onlyNext.verify(after).valid()).contains(ANN);
        assertThat(onlyNext.verify(before)).isEqualTo(new TokenOutcome.Invalid<>());
    }

    @Test
    void aTokenOfAnEarlierFormOfTheTypeIsInvalid() {
        String token = Tokens.of(Renamed.class, "socket")
                .secrets(SECRET)
                .clock(clock)
                .build()
                .sign(new Renamed("42"));
        assertThat(tokens.verify(token)).isEqualTo(new TokenOutcome.Invalid<>());
    }

    @Test
    void aTokenMayCarryText() {
        Tokens<String> texts = Tokens.of(String.class, "mail").secrets(SECRET).build();
        assertThat(texts.verify(texts.sign("ann@example.org")).valid()).contains("ann@example.org");
    }

    /** Computed by another program: HKDF without salt, then HMAC over all before the last dot. */
    @Test
    void aTokenIsTheSameInEachVersion() {
        assertThat(tokens.sign(ANN))
                .isEqualTo("h1.AAABm3baqAAAAAGbfAEEAHsiaWQiOiI0MiIsIm5hbWUiOiJBbm4ifQ"
                        + ".4-NQdD7qZN2yxwRbca5pF920l_8MjQ27C6ZC1cJf2DA");
    }

    @Test
    void invalidArgumentsAreRefusedByName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tokens.sign(new User("42", "x".repeat(10_000))))
                .withMessageContaining("8192");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tokens.sign(ANN, Duration.ofMillis(-1)))
                .withMessageContaining("3650 days");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tokens.of(User.class, "socket").validFor(Duration.ZERO))
                .withMessageContaining("PT0S");
        assertThatIllegalArgumentException().isThrownBy(() -> Tokens.of(User.class, ""));
        assertThatIllegalStateException()
                .isThrownBy(() -> Tokens.of(User.class, "socket").build())
                .withMessageContaining("secret");
    }

    @Test
    void aSecretIsLongAndHardToGuess() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Secret.of("x".repeat(31)))
                .withMessageContaining("31 bytes")
                .withMessageContaining("Secret.fresh()");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Secret.of("abab".repeat(20)))
                .withMessageContaining("guessed");
        assertThat(Secret.of(Secret.fresh())).hasToString("Secret[64 bytes]");
        assertThat(Secret.fresh()).isNotEqualTo(Secret.fresh());
    }
}
