package io.heliodor.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PausesTests {
    private static final String LOG = """
        [1.605s][info][safepoint] Safepoint "SerialCollectForAllocation", Time since last: 1419692333 ns, Reaching safepoint: 7063 ns, At safepoint: 5380104 ns, Leaving safepoint: 13686 ns, Total: 5400853 ns, Threads: 0 runnable, 10 total
        [1.629s][info][safepoint] Safepoint "SerialCollectForAllocation", Time since last: 13721376 ns, Reaching safepoint: 3375 ns, At safepoint: 2029383 ns, Leaving safepoint: 4379 ns, Total: 2000000 ns, Threads: 0 runnable, 10 total
        [1.700s][info][safepoint] Safepoint "ICBufferFull", Time since last: 9172316 ns, Reaching safepoint: 6222 ns, At safepoint: 48316 ns, Leaving safepoint: 5170 ns, Total: 50000 ns, Threads: 0 runnable, 10 total
        something else
        """;

    @Test
    void eachStopCountsByItsTotal() {
        Pauses pauses = Pauses.of(LOG.lines().toList());
        assertThat(pauses.count()).isEqualTo(3);
        assertThat(pauses.seconds()).isEqualTo(0.007450853);
        assertThat(pauses.longest()).isEqualTo(Map.of("SerialCollectForAllocation", 5400.853, "ICBufferFull", 50.0));
        assertThat(pauses.micros().p50()).isBetween(1_999.0, 2_001.0);
    }

    @Test
    void pausesBeforeTheMeasuredTimeDoNotCount(@TempDir Path directory) throws Exception {
        Path log = Files.writeString(directory.resolve("log"), LOG);
        assertThat(Pauses.lines(log)).isEqualTo(4);
        assertThat(Pauses.since(1, log).count()).isEqualTo(2);
        assertThat(Pauses.since(4, log)).isEqualTo(Pauses.of(List.of()));
    }
}
