package io.heliodor.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ArrivalStatisticsTests {
    private static ArrivalStatistics measured(boolean fixedRate) {
        ArrivalStatistics tally = new ArrivalStatistics(fixedRate);
        tally.arrived(1_000, 9_000);
        tally.measureFrom(10_000);
        tally.arrived(9_500, 10_000);
        tally.arrived(10_500, 20_000);
        tally.measureTo(30_000);
        tally.arrived(29_000, 100_000);
        tally.arrived(31_000, 100_000);
        return tally;
    }

    @Test
    void arrivalsWithinTheMeasuredTimeCount() {
        assertThat(measured(false).arrivals()).isEqualTo(2);
        assertThat(measured(false).total()).isEqualTo(5);
    }

    @Test
    void aClosedLoopTakesLatencyFromMessagesThatArrivedInTime() {
        assertThat(measured(false).latencies().getTotalCount()).isEqualTo(2);
        assertThat(measured(false).latencies().getMaxValue()).isEqualTo(9_503);
    }

    @Test
    void aFixedRateTakesLatencyFromMessagesThatWereDueInTimeHoweverLate() {
        assertThat(measured(true).latencies().getTotalCount()).isEqualTo(2);
        assertThat(measured(true).latencies().getMaxValue()).isBetween(71_000L, 71_100L);
    }
}
