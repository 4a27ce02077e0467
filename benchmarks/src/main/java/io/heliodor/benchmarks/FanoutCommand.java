package io.heliodor.benchmarks;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "fanout", description = "One member of each topic shouts, every member receives.")
final class FanoutCommand implements Callable<Integer> {
    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Mixin
    private final RunOptions run = new RunOptions();

    @Mixin
    private final LoadOptions load = new LoadOptions();

    @Option(
            names = "--connections",
            paramLabel = "N",
            converter = Values.Count.class,
            defaultValue = "1000",
            description = "Clients (${DEFAULT-VALUE}).")
    private int connections;

    @Override
    public Integer call() throws Exception {
        return run.run(server, load.trial("fanout", "deliveries", connections, run, Fanout::new));
    }
}
