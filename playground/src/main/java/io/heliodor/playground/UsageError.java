package io.heliodor.playground;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** The message for an invalid command line, with the invalid part and the valid ones. */
final class UsageError {
    private UsageError() {}

    static String about(ParameterException failure) {
        CommandLine command = failure.getCommandLine();
        List<String> unmatched = command.getUnmatchedArguments();
        return (unmatched.isEmpty() ? message(failure) : unknown(command, unmatched.getFirst())) + " (see --help)";
    }

    private static String message(ParameterException failure) {
        return String.valueOf(failure.getMessage())
                .lines()
                .findFirst()
                .orElse("wrong usage")
                .replace("is not an int", "is not a whole number");
    }

    /** An argument that the command does not take. The arguments after it may be its values, so they are not named. */
    private static String unknown(CommandLine command, String argument) {
        boolean option = argument.startsWith("-");
        String word = option ? argument.replaceFirst("=.*", "") : argument;
        List<String> subcommands = command.getSubcommands().entrySet().stream()
                .filter(each -> !each.getValue().getCommandSpec().usageMessage().hidden())
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        String kind = option ? "option" : subcommands.isEmpty() ? "argument" : "command";
        List<String> right =
                Stream.concat(subcommands.stream(), options(command)).toList();
        return "Unknown " + kind + ": '" + word + "'; "
                + similar(word, right)
                        .map(meant -> "did you mean " + meant + "?")
                        .orElseGet(() -> command.getCommandName() + " takes " + String.join(", ", right));
    }

    private static Stream<String> options(CommandLine command) {
        return command.getCommandSpec().options().stream()
                .filter(option -> !option.hidden())
                .map(OptionSpec::longestName)
                .sorted();
    }

    /** The valid word that begins with an invalid one, or differs from it in a third of the letters at most. */
    private static Optional<String> similar(String word, List<String> right) {
        record Similar(String word, int edits) {}
        int letters = word.replaceFirst("^-+", "").length();
        return right.stream()
                .map(each -> new Similar(each, letters > 1 && each.startsWith(word) ? 0 : edits(word, each)))
                .filter(each -> each.edits() <= letters / 3)
                .min(Comparator.comparingInt(Similar::edits))
                .map(Similar::word);
    }

    /** The edit distance: letters to insert, remove, replace or swap with their neighbour. */
    private static int edits(String from, String to) {
        int[][] edits = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                if (i == 0 || j == 0) {
                    edits[i][j] = i + j;
                    continue;
                }
                int replaced = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
                int fewest = Math.min(edits[i - 1][j - 1] + replaced, Math.min(edits[i - 1][j], edits[i][j - 1]) + 1);
                boolean swapped = i > 1
                        && j > 1
                        && from.charAt(i - 1) == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1);
                edits[i][j] = swapped ? Math.min(fewest, edits[i - 2][j - 2] + 1) : fewest;
            }
        }
        return edits[from.length()][to.length()];
    }

    /** Prints the message; returns the exit status. */
    static int print(ParameterException failure, String... arguments) {
        failure.getCommandLine().getErr().println(about(failure));
        return CommandLine.ExitCode.USAGE;
    }
}
