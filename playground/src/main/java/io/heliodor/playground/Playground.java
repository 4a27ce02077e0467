package io.heliodor.playground;

import io.heliodor.playground.node.CookieCommand;
import io.heliodor.playground.node.NodeCommand;
import io.heliodor.playground.project.NewCommand;
import io.heliodor.playground.top.TopCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line of the playground. */
@Command(
        name = "heliodor",
        description = "Real-time channels for the JVM: the demo, the playground server, and nodes of a cluster.",
        mixinStandardHelpOptions = true,
        version = "heliodor 0.1.0-SNAPSHOT",
        subcommands = {
            ServeCommand.class,
            DemoCommand.class,
            NodeCommand.class,
            CookieCommand.class,
            TokenCommand.class,
            ContractCommand.class,
            TopCommand.class,
            NewCommand.class,
            CheckCommand.class,
            TrainCommand.class
        })
public final class Playground {
    private Playground() {}

    /**
     * Runs a command and ends the JVM with its status: 0 for success, 1 for a failure, 2 for an invalid command line.
     *
     * @param args the command and its options
     */
    public static void main(String[] args) {
        int status = commandLine().execute(args);
        if (status != ServeCommand.SERVING) {
            System.exit(status);
        }
    }

    static CommandLine commandLine() {
        return new CommandLine(new Playground())
                .setParameterExceptionHandler(UsageError::print)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    command.getErr().println(failure.getMessage());
                    return CommandLine.ExitCode.SOFTWARE;
                });
    }
}
