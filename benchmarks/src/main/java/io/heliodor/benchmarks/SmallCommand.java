package io.heliodor.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "small",
        description = {
            "Small loads: a broadcast to one topic of 10, and an echo of 10 clients, one message in flight each.",
            "Rate, CPU of the server for each arrival, and latency; with --compare the ratios to another server.",
        })
final class SmallCommand implements Callable<Integer> {
    private static final int CLIENTS = 10;
    private static final Load ONE_IN_FLIGHT = new Load(1, 0);

    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Option(
            names = "--compare",
            paramLabel = "CMD",
            description = "Run in turn against the server that CMD starts, and print the ratios to it.")
    private @Nullable String compare;

    @Option(names = "--pairs", paramLabel = "N", description = "Runs of each load and server (${DEFAULT-VALUE}).")
    private int pairs = 7;

    @Mixin
    private final TimingOptions timing = new TimingOptions(8, 3);

    @Override
    public Integer call() throws Exception {
        server.check(CLIENTS);
        Progress progress = Progress.onStandardError();
        List<CostResult.Group> groups = List.of(
                group("1 topic of 10", "deliveries", Fanout::new, progress),
                group("echo of 10 clients", "replies", Echo::new, progress));
        CostResult result = new CostResult("small", server.settings("pairs", "seconds", "warmup"), groups, List.of());
        return server.print(result.text(), result, result.clean());
    }

    private CostResult.Group group(
            String name, String counted, BiFunction<Plan, Load, Scenario> scenario, Progress progress)
            throws IOException, RunFailed, InterruptedException {
        Plan plan = timing.plan(CLIENTS, 1, Plan.PAYLOAD);
        Trial trial = new Trial("small", counted, Map.of(), plan, () -> scenario.apply(plan, ONE_IN_FLIGHT));
        List<Cost.Variant> variants = new ArrayList<>();
        String other = compare;
        if (other != null) {
            variants.add(new Cost.Variant(
                    "the other server",
                    () -> Cost.Sample.of(RunOptions.against(trial, ServerProcess.start(other), progress))));
        }
        variants.add(new Cost.Variant(
                "the server", () -> Cost.Sample.of(RunOptions.against(trial, server.start(), progress))));
        return new CostResult.Group(name, Cost.of(pairs, variants));
    }
}
