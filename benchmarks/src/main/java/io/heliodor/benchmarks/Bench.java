package io.heliodor.benchmarks;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The load generator for servers of the Phoenix protocol.
 *
 * <h2>Subcommands</h2>
 *
 * <ul>
 *   <li>{@code fanout}: one member of each topic broadcasts, every member receives. Deliveries a second.
 *   <li>{@code echo}: every connection sends requests and gets replies. Replies a second.
 *   <li>{@code events}: each kind of broadcast against a plain one, messages to channels against an echo. Ratios.
 *   <li>{@code small}: a topic of ten and an echo of ten, one in flight. Rate, CPU for each arrival, latency.
 *   <li>{@code idle}: many connections that join and stay. Memory for each.
 *   <li>{@code slow}: fan-out at a fixed rate while some members stop reading. The effect on the others.
 *   <li>{@code presence}: many join one topic at once, newcomers join a full one. Messages, bytes, CPU and memory.
 *   <li>{@code growth}: CPU for each arrival by members, topics, history, presences and nodes, against the smallest size.
 *   <li>{@code churn}: connections with presence and history that come and go. Latency, pauses of the JVM, memory.
 *   <li>{@code processors}: fan-out and echo on servers with some processors and lanes. Rate, CPU, waits of threads.
 *   <li>{@code cluster}: connected nodes. Messages a second, round trips, CPU and memory, compared with
 *       JGroups alone; it needs no server.
 *   <li>{@code across}: servers that are nodes of one cluster. Latencies and deliveries for each second of CPU against one server
 *       alone, bytes between nodes.
 * </ul>
 *
 * <h2>The server</h2>
 *
 * <p>It is a process of its own: started before and stopped after each run ({@code --serve}, by default the command
 * line in the system property {@code heliodor.serve} or the environment variable {@code HELIODOR_SERVE}), or running
 * already ({@code --url}, and {@code --server-pid} to see what it uses). {@code --compare} runs a second server in turn
 * with the first and prints the ratios: on a machine that others use as well, those are the figures to trust.
 *
 * <h2>Measurement</h2>
 *
 * <p>One thread parses every frame. A delivery counts if its number is the next one of the member. In a closed loop ({@code
 * --window}) the next message is sent when an earlier one has reached all members; its latency is not that of a server under
 * less load. With {@code --rate} messages have scheduled times from which latency is measured, so that a pause of the server
 * counts for all messages that were due in it. The thread polls through the last millisecond before a message is due, which
 * does not count as busy.
 *
 * <p>CPU and memory come from {@code /proc}, with those of the server's descendants. Elsewhere than on Linux they are
 * left out.
 *
 * <h2>What it prints</h2>
 *
 * <p>A line a second on standard error while it runs, a table on standard output at the end, and with {@code --json}
 * one JSON object ({@link RunResult}, {@link Comparison}, {@link EventsResult}, {@link PresenceResult}, {@link
 * ClusterResult} or {@link AcrossResult}) to a file, or to standard output, with the table on standard error. Exit status: 0 if everything that was
 * due arrived; 1 if it did not or there was no result; 2 for wrong options.
 */
@Command(
        name = "heliodor bench",
        description = "Loads a server and prints its results.",
        subcommands = {
            FanoutCommand.class,
            EchoCommand.class,
            EventsCommand.class,
            IdleCommand.class,
            SmallCommand.class,
            GrowthCommand.class,
            ChurnCommand.class,
            ProcessorsCommand.class,
            SlowCommand.class,
            PresenceCommand.class,
            ClusterCommand.class,
            AcrossCommand.class
        },
        synopsisSubcommandLabel = "fanout|echo|events|small|idle|slow|presence|growth|churn|processors|cluster|across")
public final class Bench implements Runnable {
    private static final int FAILED = 1;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable")
    private boolean help;

    Bench() {}

    /** Runs the command line and ends the JVM with its exit status. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /** The command line; wrong options and failed runs are one line on its error writer. */
    static CommandLine commandLine() {
        return Values.register(new CommandLine(new Bench()))
                .setUsageHelpAutoWidth(true)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(UsageError::print)
                .setExecutionExceptionHandler((e, line, parsed) -> failed(line, e));
    }

    private static int failed(CommandLine line, Exception e) {
        PrintWriter err = line.getErr();
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        err.println(message.lines().findFirst().orElse(e.toString()));
        return FAILED;
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(),
                "Say what to do: bench fanout, echo, events, small, idle, slow, presence, growth, churn, processors, cluster or across");
    }
}
