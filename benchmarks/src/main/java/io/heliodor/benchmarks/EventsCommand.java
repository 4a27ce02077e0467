package io.heliodor.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "events",
        description = {
            "Each kind of broadcast against a plain one to as many members, and messages to channels against an echo:",
            "arrivals for each second of the server's CPU, in runs that alternate. The server has a channel for each of "
                    + "them and is started for it.",
        })
final class EventsCommand implements Callable<Integer> {
    private static final String SERVER = "io.heliodor.benchmarks.traffic.TrafficServer";

    /** A kind of traffic and its reference; the references come first. */
    enum Row {
        SHOUT(Traffic.SHOUT, Traffic.SHOUT, 1, 1),
        SHOUT_FOUR(Traffic.SHOUT, Traffic.SHOUT, 4, 1),
        ECHO(Traffic.ECHO, Traffic.ECHO, 1, 1),
        WHISPER(Traffic.WHISPER, Traffic.SHOUT, 1, 1),
        WHISPER_FOUR(Traffic.WHISPER, Traffic.SHOUT, 4, 1),
        WHISPER_SENDERS(Traffic.WHISPER, Traffic.SHOUT, 1, 4),
        TYPING(Traffic.TYPING, Traffic.SHOUT, 1, 1),
        TYPING_FOUR(Traffic.TYPING, Traffic.SHOUT, 4, 1),
        CURSOR(Traffic.CURSOR, Traffic.SHOUT, 1, 1),
        CURSOR_FOUR(Traffic.CURSOR, Traffic.SHOUT, 4, 1),
        NOTED(Traffic.NOTED, Traffic.SHOUT, 1, 1),
        NOTED_FOUR(Traffic.NOTED, Traffic.SHOUT, 4, 1),
        SEEN(Traffic.SEEN, Traffic.SHOUT, 1, 1),
        SEEN_FOUR(Traffic.SEEN, Traffic.SHOUT, 4, 1),
        KEPT(Traffic.KEPT, Traffic.SHOUT, 1, 1),
        KEPT_FOUR(Traffic.KEPT, Traffic.SHOUT, 4, 1),
        TELL(Traffic.TELL, Traffic.ECHO, 1, 1),
        TELL_NEXT(Traffic.TELL_NEXT, Traffic.ECHO, 1, 1),
        PUBLISH(Traffic.PUBLISH, Traffic.ECHO, 1, 1);

        private final Traffic traffic;
        private final Traffic reference;
        private final int window;
        private final int senders;

        Row(Traffic traffic, Traffic reference, int window, int senders) {
            this.traffic = traffic;
            this.reference = reference;
            this.window = window;
            this.senders = senders;
        }

        private boolean isReference() {
            return traffic == reference;
        }

        private boolean againstEcho() {
            return reference == Traffic.ECHO;
        }

        private String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Mixin
    private final OutputOptions output = new OutputOptions();

    @Option(
            names = "--rows",
            paramLabel = "ROW",
            split = ",",
            description =
                    "What to measure: ${COMPLETION-CANDIDATES}; by default all, the references only with --compare. "
                            + "A row whose name ends with _FOUR has four broadcasts of one sender in flight, one with "
                            + "_SENDERS has one of each of four senders.")
    private @Nullable List<Row> rows;

    @Option(
            names = "--compare",
            paramLabel = "CMD",
            description = "Run each row in turn against the server that CMD starts, and not against its reference: "
                    + "another version of the same server.")
    private @Nullable String compare;

    @Option(
            names = "--members",
            paramLabel = "N",
            description = "Clients in the topic of a broadcast (${DEFAULT-VALUE}).")
    private int members = 1000;

    @Option(
            names = "--clients",
            paramLabel = "N",
            description = "Clients of an echo and of what is measured against it (${DEFAULT-VALUE}).")
    private int clients = 200;

    @Option(names = "--pairs", paramLabel = "N", description = "Pairs of runs for each row (${DEFAULT-VALUE}).")
    private int pairs = 15;

    @Option(
            names = "--payload",
            paramLabel = "BYTES",
            converter = Values.Payload.class,
            description = "Length of a payload (${DEFAULT-VALUE}).")
    private int payload = 100;

    @Mixin
    private final TimingOptions timing = new TimingOptions(3, 2);

    @Option(
            names = "--server",
            paramLabel = "CMD",
            description = "Command line of the server; by default it runs on the class path of this program.")
    private @Nullable String server;

    @Option(
            names = "--server-flags",
            paramLabel = "FLAGS",
            defaultValue = "${env:HELIODOR_SERVER_FLAGS:-}",
            description = "Flags of the server's JVM. Default: HELIODOR_SERVER_FLAGS.")
    private String flags = "";

    @Override
    public Integer call() throws Exception {
        String command = server == null ? OwnServer.command(flags, SERVER) : server;
        Progress progress = Progress.onStandardError();
        List<Comparison> done = new ArrayList<>();
        for (Row row : wantedRows()) {
            Comparison compared = compare(row, command, progress);
            output.err(EventsResult.line(compared));
            done.add(compared);
        }
        EventsResult result =
                new EventsResult(output.settings("members", "clients", "payload", "pairs", "seconds", "warmup"), done);
        return output.print(result.text(), result, result.clean());
    }

    private List<Row> wantedRows() {
        if (rows != null) {
            return rows;
        }
        return Stream.of(Row.values())
                .filter(row -> compare != null || !row.isReference())
                .toList();
    }

    private Comparison compare(Row row, String command, Progress progress)
            throws IOException, RunFailed, InterruptedException {
        Trial trial = trial(row, row.traffic);
        Trial reference = compare == null ? trial(row, row.reference) : trial;
        String other = compare == null ? command : compare;
        List<Comparison.Pair> done = Comparison.pairs(
                pairs,
                () -> RunOptions.against(trial, ServerProcess.start(command), progress),
                () -> RunOptions.against(reference, ServerProcess.start(other), progress));
        String against = compare == null ? row.reference.event() : "the other server";
        return Comparison.of("a server CPU second", row.label(), against, done);
    }

    private Trial trial(Row row, Traffic traffic) {
        int connections = row.againstEcho() ? clients : members;
        Plan plan = timing.plan(connections, 1, payload);
        boolean requests = traffic.isRequest();
        Load load = new Load(row.window, 0);
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("event", traffic.event());
        settings.put("connections", connections);
        settings.put("window", load.window());
        settings.put("senders", row.senders);
        return new Trial(
                "events",
                requests ? "replies" : "deliveries",
                settings,
                plan,
                () -> requests ? new Echo(plan, load, traffic) : new Fanout(plan, load, traffic, row.senders));
    }
}
