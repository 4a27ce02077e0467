package io.heliodor.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.limit.Limits;
import io.heliodor.limit.Rate;
import io.heliodor.wire.Payload;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RatesTests {
    private static final long SECOND = 1_000_000_000;

    @Test
    void thereAreNoneWhereNothingIsLimited() {
        Limits limits = Limits.defaults();
        assertThat(Rates.of(limits, 0)).isEmpty();
        assertThat(Rates.of(limits.messageRate(Rate.perSecond(1)), 0)).isPresent();
        assertThat(Rates.of(limits.joinRate(Rate.perSecond(1)), 0)).isPresent();
    }

    @Test
    void aJoinTakesATokenOfBothRatesAndAMessageOnlyOfItsOwn() {
        var rates = new Rates(
                Limits.defaults()
                        .messageRate(Rate.perSecond(4).burst(2))
                        .joinRate(Rate.perSecond(2).burst(1)),
                0);
        assertThat(rates.join(0)).isZero();
        assertThat(rates.message(0)).isZero();
        assertThat(rates.message(0)).isEqualTo(SECOND / 4);
        assertThat(rates.message(SECOND / 4)).isZero();
        assertThat(rates.join(SECOND / 2)).isZero();
    }

    @Test
    void aJoinWithoutATokenOfTheRateOfMessagesTakesNoneOfTheRateOfJoins() {
        var rates = new Rates(
                Limits.defaults()
                        .messageRate(Rate.perSecond(4).burst(1))
                        .joinRate(Rate.perSecond(2).burst(1)),
                0);
        assertThat(rates.message(0)).isZero();
        assertThat(rates.join(0)).isEqualTo(SECOND / 4);
        assertThat(rates.join(SECOND / 4)).isZero();
        assertThat(rates.message(SECOND / 2)).isZero();
        assertThat(rates.join(SECOND / 2)).isEqualTo(SECOND / 4);
    }

    @Test
    void whatIsNotLimitedIsNeverRefused() {
        var rates = new Rates(Limits.defaults().joinRate(Rate.perSecond(1)), 0);
        for (int i = 0; i < 10_000; i++) {
            assertThat(rates.message(0)).isZero();
        }
    }

    @Test
    void aThousandRefusalsAreAllowedAndTenASecondForgiven() {
        var rates = new Rates(Limits.defaults(), 0);
        for (int i = 0; i < 1_000; i++) {
            assertThat(rates.refuse(0)).as("refusal %d", i).isTrue();
        }
        assertThat(rates.refuse(0)).isFalse();
        assertThat(rates.refuse(SECOND / 10)).isTrue();
        assertThat(rates.refuse(SECOND / 10)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1000000, 1", "1000001, 2", "99000001, 100", "1000000000, 1000"})
    void theAnswerSaysTheMillisecondsRoundedUpAndIsMadeOnce(long nanos, int millis) {
        Payload.Json answer = Rates.answer(nanos);
        assertThat(new String(answer.bytes(), answer.from(), answer.length(), UTF_8))
                .isEqualTo("{\"reason\":\"rate_limited\",\"retry_after_ms\":" + millis + "}");
        assertThat(Rates.answer(nanos)).isSameAs(answer);
    }
}
