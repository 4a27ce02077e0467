package io.heliodor.benchmarks;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "echo", description = "Every client sends requests and gets replies.")
final class EchoCommand implements Callable<Integer> {
    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Mixin
    private final RunOptions run = new RunOptions();

    @Mixin
    private final LoadOptions load = new LoadOptions();

    @Option(names = "--connections", paramLabel = "N", description = "Clients (${DEFAULT-VALUE}).")
    private int connections = 200;

    @Override
    public Integer call() throws Exception {
        return run.run(server, load.trial("echo", "replies", connections, run, Echo::new));
    }
}
