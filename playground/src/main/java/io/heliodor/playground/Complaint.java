package io.heliodor.playground;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is said to somebody whose command line was not understood: one line, with what may have been meant. */
final class Complaint {
    private static final int MOST_SUGGESTIONS = 2;

    private Complaint() {}

    static String about(ParameterException failure) {
        String message = failure.getMessage().lines().findFirst().orElse("wrong usage");
        return message.replace("is not an int", "is not a whole number") + meant(failure) + " (see --help)";
    }

    private static String meant(ParameterException failure) {
        List<String> similar = failure instanceof UnmatchedArgumentException unmatched
                ? unmatched.getSuggestions().stream().limit(MOST_SUGGESTIONS).toList()
                : List.of();
        return similar.isEmpty() ? "" : "; did you mean " + String.join(" or ", similar) + "?";
    }

    /** Prints it; the exit status. */
    static int print(ParameterException failure, String... arguments) {
        failure.getCommandLine().getErr().println(about(failure));
        return CommandLine.ExitCode.USAGE;
    }
}
