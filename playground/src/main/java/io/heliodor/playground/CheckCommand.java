package io.heliodor.playground;

import io.heliodor.playground.project.NewCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/**
 * {@code check}: checks the options of another command as that command does, and starts nothing. The launcher runs it
 * before it makes the start cache, or installs what a new project depends on, so that an error of an option does not wait for that.
 */
@Command(name = "check", hidden = true, description = "Checks the options of demo, serve or new.")
final class CheckCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Unmatched
    private List<String> words = new ArrayList<>();

    @Override
    public Integer call() {
        Object command = Playground.commandLine()
                .setErr(spec.commandLine().getErr())
                .parseArgs(words.toArray(String[]::new))
                .subcommand()
                .commandSpec()
                .userObject();
        return switch (command) {
            case ServeCommand serve -> serve.checkAll();
            case DemoCommand demo -> demo.check();
            case NewCommand created -> created.check();
            default -> 0;
        };
    }
}
