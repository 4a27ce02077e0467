package io.heliodor.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.pubsub.PubSub;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RevocationsTests {
    record User(String id) {}

    private static final User ANN = new User("ann");
    private static final User BOB = new User("bob");

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final InstantSource clock = () -> now;

    private Tokens<User> tokens(Revocations revocations) {
        return Tokens.of(User.class, "socket")
                .secrets(Secret.of("a secret of the tests, 32 bytes or more"))
                .clock(clock)
                .revocable(revocations, User::id)
                .build();
    }

    private void passes(Duration time) {
        now = now.plus(time);
    }

    @Test
    void tokensUpToTheMomentAreRefusedAndLaterOnesHold() {
        Revocations revocations = new Revocations(Optional.empty(), clock, 10);
        Tokens<User> tokens = tokens(revocations);
        String before = tokens.sign(ANN);
        String other = tokens.sign(BOB);
        passes(Duration.ofSeconds(1));
        String now = tokens.sign(ANN);
        revocations.revoke("ann");
        passes(Duration.ofMillis(1));
        String after = tokens.sign(ANN);
        assertThat(tokens.verify(before)).isEqualTo(new TokenOutcome.Revoked<>());
        assertThat(tokens.verify(now)).isEqualTo(new TokenOutcome.Revoked<>());
        assertThat(tokens.verify(after).valid()).contains(ANN);
        assertThat(tokens.verify(other).valid()).contains(BOB);
    }

    @Test
    void anEarlierMomentDoesNotShortenARevocation() {
        Revocations revocations = new Revocations(Optional.empty(), clock, 10);
        Tokens<User> tokens = tokens(revocations);
        String token = tokens.sign(ANN);
        revocations.revoke("ann");
        revocations.revoke("ann", Instant.EPOCH);
        assertThat(tokens.verify(token)).isEqualTo(new TokenOutcome.Revoked<>());
    }

    @Test
    void beyondItsBoundItRefusesMoreRatherThanLess() {
        Revocations revocations = new Revocations(Optional.empty(), clock, 10);
        Tokens<User> tokens = tokens(revocations);
        String revoked = tokens.sign(ANN);
        String old = tokens.sign(BOB);
        revocations.revoke("ann");
        passes(Duration.ofSeconds(1));
        String young = tokens.sign(BOB);
        for (int i = 0; i < 10; i++) {
            assertThat(tokens.verify(old).valid()).contains(BOB);
            revocations.revoke("user " + i);
        }
        assertThat(tokens.verify(revoked)).isEqualTo(new TokenOutcome.Revoked<>());
        assertThat(tokens.verify(old)).isEqualTo(new TokenOutcome.Revoked<>());
        assertThat(tokens.verify(young).valid()).contains(BOB);
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
