package io.heliodor.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of a load: its amount and duration, as a closed loop or at a fixed rate. */
final class LoadOptions {
    private static final int MAX_IN_FLIGHT = 1024;

    @Option(
            names = "--topics",
            paramLabel = "N",
            description = "Topics, over which the clients are spread (${DEFAULT-VALUE}).")
    private int topics = 1;

    @Option(
            names = "--payload",
            paramLabel = "BYTES",
            converter = Values.Payload.class,
            description = "Length of a payload; it needs about 40 for its numbers (${DEFAULT-VALUE}).")
    private int payload = 100;

    @Mixin
    private final TimingOptions timing = new TimingOptions(2, 5);

    @Option(
            names = "--window",
            paramLabel = "N",
            converter = Values.Window.class,
            description = "Messages in flight for each sender (fanout) or connection (echo); 1, or with --rate at most "
                    + MAX_IN_FLIGHT + ".")
    private @Nullable Integer window;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Messages a second in all, whatever the server manages; "
                    + "latency counts from the intended time.")
    private @Nullable Double rate;

    /**
     * The measurement.
     *
     * @param name of the subcommand
     * @param counted what arrives, in the plural
     * @param connections how many clients there are
     * @param run how the run goes
     * @param scenario makes the scenario of one run
     */
    Trial trial(
            String name, String counted, int connections, RunOptions run, BiFunction<Plan, Load, Scenario> scenario) {
        Load load = load();
        int used = Math.min(topics, connections);
        Plan plan = new Plan(
                connections, 0, used, payload, run.ramp(), timing.warmUp(), timing.measured(), run.heartbeat());
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("connections", connections);
        settings.put("topics", used);
        settings.put("payload", payload);
        settings.put("window", load.window());
        settings.put("rate", load.rate());
        settings.put("seconds", Values.seconds(timing.measured()));
        settings.put("warmup", Values.seconds(timing.warmUp()));
        return new Trial(name, counted, settings, plan, () -> scenario.apply(plan, load));
    }

    private Load load() {
        if (rate == null) {
            return new Load(window == null ? 1 : window, 0);
        }
        return new Load(window == null ? MAX_IN_FLIGHT : window, rate);
    }
}
