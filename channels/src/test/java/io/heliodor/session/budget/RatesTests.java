package io.heliodor.session.budget;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.limit.Limits;
import io.heliodor.limit.Rate;
import io.heliodor.limit.RateLimits;
import io.heliodor.wire.Payload;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RatesTests {
    private static final long SECOND = 1_000_000_000;
    private static final RateLimits NONE = Limits.openInternet().rates();

    private static Rates rates(RateLimits limits) {
        return new Rates(new RateTokens(limits, 0));
    }

    @Test
    void ratesAreNeededOnlyIfSomethingIsLimited() {
        assertThat(Rates.areLimited(NONE)).isFalse();
        assertThat(Rates.areLimited(NONE.messages(Rate.perSecond(1)))).isTrue();
        assertThat(Rates.areLimited(NONE.joins(Rate.perSecond(1)))).isTrue();
    }

    @Test
    void aJoinTakesATokenOfBothRatesAndAMessageOnlyOfItsOwn() {
        var rates = rates(NONE.messages(Rate.perSecond(4).burst(2))
                .joins(Rate.perSecond(2).burst(1)));
        assertThat(rates.join(0)).isZero();
        assertThat(rates.message(0)).isZero();
        assertThat(rates.message(0)).isEqualTo(SECOND / 4);
        assertThat(rates.message(SECOND / 4)).isZero();
        assertThat(rates.join(SECOND / 2)).isZero();
    }

    @Test
    void aJoinWithoutATokenOfTheRateOfMessagesTakesNoneOfTheRateOfJoins() {
        var rates = rates(NONE.messages(Rate.perSecond(4).burst(1))
                .joins(Rate.perSecond(2).burst(1)));
        assertThat(rates.message(0)).isZero();
        assertThat(rates.join(0)).isEqualTo(SECOND / 4);
        assertThat(rates.join(SECOND / 4)).isZero();
        assertThat(rates.message(SECOND / 2)).isZero();
        assertThat(rates.join(SECOND / 2)).isEqualTo(SECOND / 4);
    }

    @Test
    void messagesWithoutALimitAreNeverRefused() {
        var rates = rates(NONE.joins(Rate.perSecond(1)));
        for (int i = 0; i < 10_000; i++) {
            assertThat(rates.message(0)).isZero();
        }
    }

    @Test
    void aThousandRefusalsAreAllowedAndTenASecondForgiven() {
        var rates = rates(NONE);
        for (int i = 0; i < 1_000; i++) {
            assertThat(rates.refuse(0)).as("refusal %d", i).isTrue();
        }
        assertThat(rates.refuse(0)).isFalse();
        assertThat(rates.refuse(SECOND / 10)).isTrue();
        assertThat(rates.refuse(SECOND / 10)).isFalse();
    }

    @Test
    void theTokensOfAnIdAreKeptUntilTheyAreFullOrItIsConnected() {
        var ids = new IdRates(NONE.messages(Rate.perSecond(1).burst(2)).perId(true));
        RateTokens one = ids.of(Optional.of("users:1"), 0);
        assertThat(one.message(0)).isZero();
        assertThat(ids.of(Optional.of("users:1"), 0)).isSameAs(one);
        assertThat(ids.of(Optional.of("users:2"), 0)).isNotSameAs(one);
        assertThat(ids.of(Optional.empty(), 0)).isNotSameAs(ids.of(Optional.empty(), 0));
        ids.sweep(id -> false, SECOND / 2);
        assertThat(ids.size()).isEqualTo(1);
        ids.sweep(id -> id.equals("users:1"), SECOND);
        assertThat(ids.of(Optional.of("users:1"), SECOND)).isSameAs(one);
        ids.sweep(id -> false, SECOND);
        assertThat(ids.size()).isZero();
    }

    @Test
    void eachConnectionHasTokensOfItsOwnUnlessTheyAreShared() {
        var ids = new IdRates(NONE.messages(Rate.perSecond(1)));
        assertThat(ids.of(Optional.of("users:1"), 0)).isNotSameAs(ids.of(Optional.of("users:1"), 0));
        assertThat(ids.size()).isZero();
    }

    @Test
    void aRefusalMayNameHours() {
        Payload.Json answer = Rates.refusal(3_600 * SECOND);
        assertThat(new String(answer.bytes(), answer.from(), answer.length(), UTF_8))
                .isEqualTo("{\"reason\":\"rate_limited\",\"retry_after_ms\":3600000}");
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1000000, 1", "1000001, 2", "99000001, 100", "1000000000, 1000"})
    void aRefusalContainsTheMillisecondsRoundedUpAndIsMadeOnce(long nanos, int millis) {
        Payload.Json answer = Rates.refusal(nanos);
        assertThat(new String(answer.bytes(), answer.from(), answer.length(), UTF_8))
                .isEqualTo("{\"reason\":\"rate_limited\",\"retry_after_ms\":" + millis + "}");
        assertThat(Rates.refusal(nanos)).isSameAs(answer);
    }
}
