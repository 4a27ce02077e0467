package io.heliodor.channel.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.ConnectOutcome.Accepted;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExpiryTests {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private static final Duration LONGEST = Duration.ofDays(3_650);

    private static ConnectOutcome<String> at(Accepted<String> outcome) {
        return Expiry.at(outcome, NOW);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-0.000000001S", "PT-3S", "PT-2562047788015215H"})
    void noTimeLeftIsARefusal(Duration left) {
        ConnectOutcome<String> refused = Connect.<String>refuse(401).text("expired");
        assertThat(at(Connect.ok("ada").validFor(left))).isEqualTo(refused);
        assertThat(at(Connect.ok("ada").validUntil(NOW))).isEqualTo(refused);
        assertThat(at(Connect.ok("ada").validUntil(Instant.MIN))).isEqualTo(refused);
    }

    @Test
    void aTimeBecomesADuration() {
        Duration hour = Duration.ofHours(1);
        ConnectOutcome<String> forAnHour = Connect.ok("ada", "users:1").validFor(hour);
        assertThat(at(Connect.ok("ada", "users:1").validUntil(NOW.plus(hour)))).isEqualTo(forAnHour);
        assertThat(at(Connect.ok("ada", "users:1").validFor(hour).validUntil(Instant.MAX)))
                .isEqualTo(forAnHour);
        assertThat(at(Connect.ok("ada", "users:1")
                        .validFor(hour.multipliedBy(2))
                        .validUntil(NOW.plus(hour))))
                .isEqualTo(forAnHour);
        Accepted<String> twice = Connect.ok("ada", "users:1").validUntil(NOW.plus(hour));
        assertThat(at(twice.validUntil(Instant.MAX))).isEqualTo(forAnHour);
        assertThat(at(twice.validUntil(NOW.plusSeconds(1)))).isNotEqualTo(forAnHour);
        assertThat(at(Connect.ok("ada"))).isEqualTo(Connect.ok("ada"));
        assertThat(at(Connect.ok("ada").validUntil(Instant.MAX)))
                .isEqualTo(Connect.ok("ada").validFor(LONGEST));
    }

    @Test
    void anIdOfTheWrongSizeTooLongATimeAndNoAssignsAreMisuse() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Connect.ok("ada", ""))
                .withMessageContaining("Connect.ok(assigns)");
        assertThat(Connect.ok("ada", "ü".repeat(500)).id()).contains("ü".repeat(500));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Connect.ok("ada", "ü".repeat(501)))
                .withMessageContaining("at most 1000 bytes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Connect.ok("ada", "users:\ud800"))
                .withMessageContaining("half a surrogate pair");
        assertThatIllegalArgumentException().isThrownBy(() -> Connect.ok("ada").validFor(LONGEST.plusNanos(1)));
        assertThatNullPointerException()
                .isThrownBy(() -> Connect.ok((String) null))
                .withMessageContaining("Empty.EMPTY");
    }
}
