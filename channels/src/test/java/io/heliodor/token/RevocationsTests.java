package io.heliodor.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.heliodor.pubsub.PubSub;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RevocationsTests {
    record User(String id) {}

    private static final User ANN = new User("ann");
    private static final User BOB = new User("bob");
    private static final Duration LONGEST = Duration.ofDays(3_650);
    private static final int MAX = 10;
    private static final int MAX_CHARACTERS = 200;

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final InstantSource clock = () -> now;

    private Tokens<User> tokens(Revocations revocations) {
        return Tokens.of(User.class, "socket")
                .secrets(Secret.of("a secret of the tests, 32 bytes or more"))
                .clock(clock)
                .revocable(revocations, User::id)
                .build();
    }

    private Revocations revocations(Duration maxValidity) {
        return new Revocations(Optional.empty(), clock, Duration.ZERO, maxValidity, MAX, MAX_CHARACTERS);
    }

    private void passes(Duration time) {
        now = now.plus(time);
    }

    @Test
    void tokensUpToTheMomentAreRefusedAndLaterOnesHold() {
        Revocations revocations = revocations(LONGEST);
        Tokens<User> tokens = tokens(revocations);
        String before = tokens.sign(ANN);
        String other = tokens.sign(BOB);
        passes(Duration.ofSeconds(1));
        String now = tokens.sign(ANN);
        revocations.revoke("ann");
        String after = tokens.sign(ANN); // in the same millisecond
        assertThat(tokens.verify(before)).isEqualTo(new TokenOutcome.Revoked<>());
        assertThat(tokens.verify(now)).isEqualTo(new TokenOutcome.Revoked<>());
        assertThat(tokens.verify(after).valid()).contains(ANN);
        assertThat(tokens.verify(other).valid()).contains(BOB);
    }

    @Test
    void anEarlierMomentDoesNotShortenARevocation() {
        Revocations revocations = revocations(LONGEST);
        Tokens<User> tokens = tokens(revocations);
        String token = tokens.sign(ANN);
        revocations.revoke("ann");
        revocations.revoke("ann", Instant.EPOCH);
        assertThat(tokens.verify(token)).isEqualTo(new TokenOutcome.Revoked<>());
    }

    @Test
    void oneSubjectTooManyIsRefusedAndChangesNothing() {
        Revocations revocations = revocations(LONGEST);
        Tokens<User> tokens = tokens(revocations);
        for (int i = 0; i < MAX; i++) {
            revocations.revoke("user " + i, now.plus(Duration.ofDays(365)));
        }
        assertThatIllegalStateException()
                .isThrownBy(() -> revocations.revoke("ann", now.plus(Duration.ofDays(366))))
                .withMessageContaining("'ann'")
                .withMessageContaining("10 other subjects");
        assertThat(revocations.refused()).isEqualTo(1);
        assertThat(revocations.size()).isEqualTo(MAX);
        assertThat(tokens.verify(tokens.sign(ANN)).valid()).contains(ANN);
        assertThat(tokens.verify(tokens.sign(BOB)).valid()).contains(BOB);
        for (int i = 0; i < MAX; i++) {
            assertThat(tokens.verify(tokens.sign(new User("user " + i)))).isEqualTo(new TokenOutcome.Revoked<>());
        }
    }

    @Test
    void subjectsThatAreTooLongTogetherAreRefused() {
        Revocations revocations = revocations(Duration.ofDays(1));
        String half = "x".repeat(MAX_CHARACTERS / 2 - 1);
        revocations.revoke(half);
        passes(Duration.ofHours(1));
        revocations.revoke("ann");
        passes(Duration.ofHours(1));
        assertThatIllegalStateException()
                .isThrownBy(() -> revocations.revoke("y" + half))
                .withMessageContaining("2 other subjects are")
                .withMessageContaining("200 characters");
        assertThat(revocations.refused()).isEqualTo(1);
        assertThat(revocations.size()).isEqualTo(2);
        revocations.revoke(half); // it is known
        revocations.revoke("bob");
        passes(Duration.ofHours(23));
        String room = "z".repeat(MAX_CHARACTERS / 2 - 5);
        assertThatCode(() -> revocations.revoke(room)).doesNotThrowAnyException();
        assertThat(revocations.size()).as("without ann").isEqualTo(3);
        revocations.close();
        String all = "z".repeat(MAX_CHARACTERS - 1);
        assertThatCode(() -> revocations.revoke(all)).doesNotThrowAnyException();
    }

    @Test
    void aSubjectLongerThanATokenIsRefused() {
        Revocations revocations = Revocations.local();
        revocations.revoke("x".repeat(8_192));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> revocations.revoke("x".repeat(8_193)))
                .withMessage("A subject has at most 8192 characters, the maximum of a token, not 8193: '"
                        + "x".repeat(40) + "...'. Revoke the tokens by a key of the user.");
        assertThatIllegalArgumentException().isThrownBy(() -> revocations.revoke("x".repeat(8_193), Instant.now()));
        assertThat(revocations.size()).isOne();
    }

    @Test
    void aRevokedSubjectIsRevokedForLongerAtTheMaximum() {
        Revocations revocations = revocations(LONGEST);
        for (int i = 0; i < MAX; i++) {
            revocations.revoke("user " + i);
        }
        passes(Duration.ofSeconds(1));
        String later = tokens(revocations).sign(new User("user 0"));
        revocations.revoke("user 0");
        assertThat(tokens(revocations).verify(later)).isEqualTo(new TokenOutcome.Revoked<>());
        assertThat(revocations.refused()).isZero();
    }

    @Test
    void aRevocationEndsWithTheTokensThatItConcerns() {
        Revocations revocations = revocations(Duration.ofHours(1));
        Tokens<User> tokens = Tokens.of(User.class, "socket")
                .secrets(Secret.of("a secret of the tests, 32 bytes or more"))
                .clock(clock)
                .revocable(revocations, User::id)
                .validFor(Duration.ofHours(1))
                .build();
        String last = tokens.sign(ANN);
        revocations.revoke("ann");
        for (int i = 1; i < MAX; i++) {
            revocations.revoke("user " + i);
        }
        passes(Duration.ofHours(1).minusMillis(1));
        assertThat(tokens.verify(last)).isEqualTo(new TokenOutcome.Revoked<>());
        assertThatIllegalStateException().isThrownBy(() -> revocations.revoke("bob"));
        passes(Duration.ofMillis(1));
        assertThat(tokens.verify(last)).isEqualTo(new TokenOutcome.Expired<>(now));
        assertThat(revocations.size()).isZero();
        revocations.revoke("bob");
        assertThat(tokens.verify(tokens.sign(BOB))).isNotEqualTo(new TokenOutcome.Revoked<>());
    }

    @Test
    void aTimeThatNoTokenReachesIsRefusedAndChangesNothing() {
        Revocations revocations = revocations(LONGEST);
        for (Instant until : List.of(now.plus(LONGEST).plusMillis(1), Instant.MAX)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> revocations.revoke("ann", until))
                    .withMessageContaining("3650 days")
                    .withMessageContaining(until.toString());
        }
        assertThat(revocations.size()).isZero();
        revocations.revoke("ann", now.plus(LONGEST));
        assertThat(revocations.size()).isEqualTo(1);
    }

    @Test
    void aTimeWhoseTokensHaveExpiredChangesNothing() {
        Revocations revocations = revocations(LONGEST);
        for (Instant until : List.of(now.minus(LONGEST), Instant.EPOCH, Instant.MIN)) {
            revocations.revoke("ann", until);
        }
        assertThat(revocations.size()).isZero();
    }

    @Test
    void tokensHoldForNoLongerThanTheirRevocations() {
        Tokens.Builder<User> builder = Tokens.of(User.class, "socket")
                .secrets(Secret.of("a secret of the tests, 32 bytes or more"))
                .clock(clock);
        String longer = builder.build().sign(ANN);
        builder.revocable(revocations(Duration.ofHours(1)), User::id);
        assertThatIllegalStateException().isThrownBy(builder::build).withMessageContaining("PT1H");
        Tokens<User> tokens = builder.validFor(Duration.ofMinutes(1)).build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tokens.sign(ANN, Duration.ofHours(1).plusNanos(1)))
                .withMessageContaining("0 to PT1H");
        assertThat(tokens.verify(tokens.sign(ANN, Duration.ofHours(1))).valid()).contains(ANN);
        passes(Duration.ofHours(1));
        assertThat(tokens.verify(longer)).isEqualTo(new TokenOutcome.Expired<>(now));
        assertThatIllegalArgumentException().isThrownBy(() -> Revocations.local(Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> Revocations.local(LONGEST.plusNanos(1)));
    }

    @Test
    void revocationsOverOnePubSubAreShared() {
        try (PubSub pubsub = PubSub.local();
                Revocations here = Revocations.over(pubsub);
                Revocations there = Revocations.over(pubsub)) {
            now = Instant.now().minusSeconds(10);
            Tokens<User> tokens = tokens(there);
            String token = tokens.sign(ANN);
            assertThat(tokens.verify(token).valid()).contains(ANN);
            here.revoke("ann");
            assertThat(tokens.verify(token)).isEqualTo(new TokenOutcome.Revoked<>());
            assertThat(tokens(here).verify(token)).isEqualTo(new TokenOutcome.Revoked<>());
        }
    }
}
