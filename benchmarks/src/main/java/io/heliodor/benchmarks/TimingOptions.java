package io.heliodor.benchmarks;

import java.time.Duration;
import picocli.CommandLine.Option;

/** The options of the time of each run. */
final class TimingOptions {
    @Option(
            names = "--warmup",
            paramLabel = "SECONDS",
            description = "Load before the measured time (${DEFAULT-VALUE}).")
    private Values.Seconds warmUp;

    @Option(names = "--seconds", paramLabel = "N", description = "Measured time of each run (${DEFAULT-VALUE}).")
    private Values.Seconds measured;

    /**
     * The options with their defaults.
     *
     * @param warmUp seconds
     * @param measured seconds
     */
    TimingOptions(double warmUp, double measured) {
        this.warmUp = new Values.Seconds(warmUp);
        this.measured = new Values.Seconds(measured);
    }

    Duration warmUp() {
        return warmUp.duration();
    }

    Duration measured() {
        return measured.duration();
    }

    /** A run of this time. */
    Plan plan(int connections, int topics, int payload) {
        return Plan.of(connections, topics, payload, warmUp(), measured());
    }
}
