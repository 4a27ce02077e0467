package io.heliodor.benchmarks;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "fanout", description = "Members of each topic broadcast, every member receives.")
final class FanoutCommand implements Callable<Integer> {
    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Mixin
    private final RunOptions run = new RunOptions();

    @Mixin
    private final LoadOptions load = new LoadOptions();

    @Option(names = "--connections", paramLabel = "N", description = "Clients (${DEFAULT-VALUE}).")
    private int connections = 1000;

    @Option(
            names = "--event",
            paramLabel = "EVENT",
            defaultValue = "shout",
            description =
                    "What is broadcast: shout, which every member receives, or whisper, which its sender does not "
                            + "(${DEFAULT-VALUE}).")
    private Event event = Event.SHOUT;

    @Option(
            names = "--senders",
            paramLabel = "N",
            description = "Members of each topic that broadcast; each has a window of its own (${DEFAULT-VALUE}).")
    private int senders = 1;

    /** The broadcasts of the playground's rooms. */
    enum Event {
        SHOUT(Traffic.SHOUT),
        WHISPER(Traffic.WHISPER);

        private final Traffic traffic;

        Event(Traffic traffic) {
            this.traffic = traffic;
        }
    }

    @Override
    public Integer call() throws Exception {
        Trial trial = load.trial(
                "fanout",
                "deliveries",
                connections,
                run,
                (plan, load) -> new Fanout(plan, load, event.traffic, senders));
        trial.settings().put("event", event.traffic.event());
        trial.settings().put("senders", senders);
        return run.run(server, trial);
    }
}
