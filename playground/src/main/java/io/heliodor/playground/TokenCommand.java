package io.heliodor.playground;

import io.heliodor.token.Tokens;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code token}: a token for {@code private:*}. */
@Command(
        name = "token",
        description = {
            "Prints a token that opens private:* of the playground server.",
            "Both use a key that everybody knows, unless HELIODOR_SECRET holds another (32 bytes or more)."
        },
        mixinStandardHelpOptions = true)
final class TokenCommand implements Callable<Integer> {
    private static final long MAX_SECONDS = Duration.ofDays(3_650).toSeconds();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(names = "--user", required = true, description = "User of the token.")
    private String user = "";

    @Option(
            names = "--valid-for",
            paramLabel = "SECONDS",
            defaultValue = "86400",
            description = "Validity of the token; 0 for one that has expired (${DEFAULT-VALUE}).")
    private long seconds;

    @Override
    public Integer call() {
        if (user.isBlank() || user.length() > 255) {
            throw refused("--user", "'" + user + "' is not 1 to 255 characters");
        }
        if (seconds < 0 || seconds > MAX_SECONDS) {
            throw refused("--valid-for", seconds + " is not 0 to " + MAX_SECONDS);
        }
        Tokens<String> tokens;
        try {
            tokens = Keys.tokens();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
        }
        spec.commandLine().getOut().println(tokens.sign(user, Duration.ofSeconds(seconds)));
        spec.commandLine().getOut().flush();
        return 0;
    }

    private ParameterException refused(String option, String why) {
        return new ParameterException(spec.commandLine(), "Invalid value for option '" + option + "': " + why);
    }
}
