package io.heliodor.benchmarks;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How much is sent: a closed loop or a fixed rate. */
final class LoadOptions {
    private static final int MOST_IN_FLIGHT = 1024;

    @Option(
            names = "--window",
            paramLabel = "N",
            converter = Values.Window.class,
            description = "Messages in flight for each topic (fanout) or connection (echo); 1, or with --rate at most "
                    + MOST_IN_FLIGHT + ".")
    private @Nullable Integer window;

    @Option(
            names = "--rate",
            paramLabel = "N",
            converter = Values.Rate.class,
            description = "Messages a second in all, whatever the server manages; "
                    + "latency counts from the intended time.")
    private @Nullable Double rate;

    Load load() {
        if (rate == null) {
            return new Load(window == null ? 1 : window, 0);
        }
        return new Load(window == null ? MOST_IN_FLIGHT : window, rate);
    }
}
