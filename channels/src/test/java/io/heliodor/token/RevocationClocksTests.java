package io.heliodor.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.pubsub.PubSub;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Revocations of nodes whose clocks differ: they cover all earlier tokens, and no later ones. */
class RevocationClocksTests {
    private static final Secret SECRET = Secret.of("a secret of the tests, 32 bytes or more");
    private static final String ANN = "ann";

    /** Less than the supported difference, since each revocation of a moment is a millisecond later than the one before. */
    private static final Duration AHEAD = Revocations.CLOCK_DIFFERENCE.minusMillis(100);

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    /** A node with a clock of its own. */
    private final class Host implements AutoCloseable {
        final Revocations revocations;
        final Tokens<String> tokens;
        final Duration ahead;

        Host(PubSub pubsub, Duration ahead) {
            this.ahead = ahead;
            this.revocations = new Revocations(
                    Optional.of(pubsub), this::time, Revocations.CLOCK_DIFFERENCE, Duration.ofDays(1), 10, 1_000);
            this.tokens = Tokens.of(String.class, "socket")
                    .secrets(SECRET)
                    .clock(this::time)
                    .revocable(revocations, name -> name)
                    .build();
        }

        Instant time() {
            return now.plus(ahead);
        }

        @Override
        public void close() {
            revocations.close();
        }
    }

    @Property(tries = 200)
    void aRevocationCoversAllEarlierTokensAndNoLaterOnes(@ForAll long seed) {
        Random random = new Random(seed);
        try (PubSub pubsub = PubSub.local();
                Host one = new Host(pubsub, Duration.ZERO);
                Host two = new Host(pubsub, Duration.ofMillis(random.nextInt((int) AHEAD.toMillis())));
                Host three = new Host(pubsub, AHEAD)) {
            List<Host> hosts = List.of(one, two, three);
            List<String> revoked = new ArrayList<>();
            List<String> valid = new ArrayList<>();
            for (int step = 0; step < 30; step++) {
                Host host = hosts.get(random.nextInt(hosts.size()));
                switch (random.nextInt(3)) {
                    case 0 -> valid.add(host.tokens.sign(ANN));
                    case 1 -> {
                        host.revocations.revoke(ANN);
                        revoked.addAll(valid);
                        valid.clear();
                    }
                    default -> now = now.plusMillis(random.nextInt(4_000));
                }
                for (Host each : hosts) {
                    assertThat(revoked)
                            .as("revoked tokens after step %s at a clock that is %s ahead", step, each.ahead)
                            .allMatch(token -> each.tokens.verify(token) instanceof TokenOutcome.Revoked);
                    assertThat(valid)
                            .as("later tokens after step %s at a clock that is %s ahead", step, each.ahead)
                            .allMatch(token -> each.tokens.verify(token) instanceof TokenOutcome.Valid);
                }
            }
        }
    }

    @Example
    void aBanRefusesTokensThatAreSignedUntilItsTimeAtEachNode() {
        try (PubSub pubsub = PubSub.local();
                Host behind = new Host(pubsub, Duration.ZERO);
                Host ahead = new Host(pubsub, AHEAD)) {
            behind.revocations.revoke(ANN, now.plus(Duration.ofHours(1)));
            behind.revocations.revoke(ANN);
            now = now.plus(Duration.ofHours(1)).minus(AHEAD);
            for (String token : List.of(behind.tokens.sign(ANN), ahead.tokens.sign(ANN))) {
                assertThat(behind.tokens.verify(token)).isEqualTo(new TokenOutcome.Revoked<>());
                assertThat(ahead.tokens.verify(token)).isEqualTo(new TokenOutcome.Revoked<>());
            }
            now = now.plusMillis(1);
            assertThat(behind.tokens.verify(ahead.tokens.sign(ANN)).valid()).contains(ANN);
        }
    }

    @Example
    void aRevocationIsKeptUntilItsTokensHaveExpiredAtEachClock() {
        try (PubSub pubsub = PubSub.local();
                Host behind = new Host(pubsub, Duration.ZERO);
                Host ahead = new Host(pubsub, AHEAD)) {
            String token = behind.tokens.sign(ANN);
            behind.revocations.revoke(ANN, now);
            now = now.plus(Duration.ofDays(1)).minusMillis(1);
            assertThat(behind.tokens.verify(token)).isEqualTo(new TokenOutcome.Revoked<>());
            assertThat(ahead.revocations.size())
                    .as("entries for nodes that start")
                    .isEqualTo(1);
        }
    }
}
