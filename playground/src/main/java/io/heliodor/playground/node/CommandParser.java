package io.heliodor.playground.node;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/** The parser of commands. */
final class CommandParser {
    private static final Duration DEFAULT = Duration.ofSeconds(5);
    private static final int DAY = 86_400_000;

    /** The arguments of a command, and how they are read; empty if they are wrong. */
    record Syntax(String usage, Function<WordReader, Optional<Command>> arguments) {}

    static final Map<String, Syntax> SYNTAX = new TreeMap<>(Map.ofEntries(
            syntax("self", "", alone(Command.Self::new)),
            syntax("members", "", alone(Command.Members::new)),
            syntax("connect", "HOST:PORT", CommandParser::connect),
            syntax("disconnect", "", alone(Command.Disconnect::new)),
            syntax("ping", "NODE", word(Command.Ping::new)),
            syntax("health", "", alone(Command.Health::new)),
            syntax("register", "NAME", word(Command.Register::new)),
            syntax("unregister", "NAME", word(Command.Unregister::new)),
            syntax("lookup", "NAME", word(Command.Lookup::new)),
            syntax("names", "", alone(Command.Names::new)),
            syntax("send", "NAME TEXT", text(Command.Send::new)),
            syntax("call", "NAME TEXT [MS]", CommandParser::call),
            syntax("inbox", "NAME", word(Command.Inbox::new)),
            syntax("stop", "NAME [normal|crash]", CommandParser::stop),
            syntax("monitor", "NAME", word(Command.Monitor::new)),
            syntax("join", "GROUP", word(Command.Join::new)),
            syntax("leave", "GROUP", word(Command.Leave::new)),
            syntax("group", "GROUP", word(Command.Group::new)),
            syntax("broadcast", "GROUP TEXT", text(Command.Broadcast::new)),
            syntax("serve", "PROCEDURE", word(Command.Serve::new)),
            syntax("rpc", "NODE PROCEDURE JSON [MS]", CommandParser::rpc),
            syntax("campaign", "ELECTION", word(Command.Campaign::new)),
            syntax("resign", "ELECTION", word(Command.Resign::new)),
            syntax("leader", "ELECTION", word(Command.Leader::new)),
            syntax("put", "KEY VALUE", text(Command.Put::new)),
            syntax("get", "KEY", word(Command.Get::new)),
            syntax("metadata", "NODE", word(Command.Metadata::new)),
            syntax("subscribe", "TOPIC", word(Command.Subscribe::new)),
            syntax("publish", "TOPIC TEXT", text(Command.Publish::new)),
            syntax("track", "TOPIC KEY", text(Command.Track::new)),
            syntax("untrack", "TOPIC KEY", text(Command.Untrack::new)),
            syntax("present", "TOPIC", word(Command.Present::new)),
            syntax("help", "", alone(Command.Help::new)),
            syntax("stats", "", alone(Command.Stats::new)),
            syntax("quit", "", alone(Command.Quit::new))));

    private static final String COMMANDS = "the commands are " + String.join(", ", SYNTAX.keySet());

    private CommandParser() {}

    static Command parse(String line) {
        WordReader words = new WordReader(line);
        Optional<String> verb = words.word();
        if (verb.isEmpty()) {
            return new Command.Malformed("the line is empty; " + COMMANDS);
        }
        Syntax syntax = SYNTAX.get(verb.get());
        if (syntax == null) {
            return new Command.Malformed("the command '" + verb.get() + "' does not exist; " + COMMANDS);
        }
        return syntax.arguments()
                .apply(words)
                .orElseGet(() -> new Command.Malformed("expected: " + usage(verb.get(), syntax)));
    }

    /** All commands, with their arguments, sorted. */
    static List<String> usages() {
        return SYNTAX.entrySet().stream()
                .map(command -> usage(command.getKey(), command.getValue()))
                .sorted()
                .toList();
    }

    private static String usage(String verb, Syntax syntax) {
        return (verb + " " + syntax.usage()).strip();
    }

    private static Map.Entry<String, Syntax> syntax(
            String verb, String usage, Function<WordReader, Optional<Command>> arguments) {
        return Map.entry(verb, new Syntax(usage, arguments));
    }

    private static Function<WordReader, Optional<Command>> alone(Supplier<Command> command) {
        return words -> words.end() ? Optional.of(command.get()) : Optional.empty();
    }

    private static Function<WordReader, Optional<Command>> word(Function<String, Command> command) {
        return words -> word(words).map(command);
    }

    private static Optional<String> word(WordReader words) {
        return words.word().filter(word -> words.end());
    }

    private static Function<WordReader, Optional<Command>> text(BiFunction<String, String, Command> command) {
        return words -> words.word().flatMap(word -> {
            String text = words.rest();
            return text.isEmpty() ? Optional.empty() : Optional.of(command.apply(word, text));
        });
    }

    private static Optional<Command> connect(WordReader words) {
        return word(words).flatMap(Address::parse).<Command>map(Command.Connect::new);
    }

    private static Optional<Command> stop(WordReader words) {
        return words.word()
                .flatMap(name -> words.end()
                        ? Optional.of(new Command.Stop(name, false))
                        : word(words)
                                .filter(how -> how.equals("normal") || how.equals("crash"))
                                .map(how -> new Command.Stop(name, how.equals("crash"))));
    }

    /** The timeout: the last word, if it is an integer and not the only word. */
    private static Optional<Command> call(WordReader words) {
        return words.word().flatMap(name -> {
            String text = words.rest();
            String trimmed = text.stripTrailing();
            int last = trimmed.length();
            while (last > 0 && !WordReader.blank(trimmed.charAt(last - 1))) {
                last--;
            }
            String before = trimmed.substring(0, last).stripTrailing();
            String word = trimmed.substring(last);
            if (before.isBlank() || !word.matches("[+-]?\\d+")) {
                return text.isEmpty() ? Optional.empty() : Optional.of(new Command.Call(name, text, DEFAULT));
            }
            return millis(word).map(limit -> new Command.Call(name, before, limit));
        });
    }

    private static Optional<Command> rpc(WordReader words) {
        Optional<String> node = words.word();
        Optional<String> procedure = words.word();
        if (node.isEmpty() || procedure.isEmpty()) {
            return Optional.empty();
        }
        return Json.first(words.rest())
                .flatMap(value -> time(new WordReader(value.behind()))
                        .map(limit -> new Command.Rpc(node.get(), procedure.get(), Json.line(value.value()), limit)));
    }

    private static Optional<Duration> time(WordReader words) {
        return words.end() ? Optional.of(DEFAULT) : word(words).flatMap(CommandParser::millis);
    }

    /** From 1 ms to a day. */
    private static Optional<Duration> millis(String word) {
        if (!word.matches("\\+?0*[1-9]\\d{0,7}")) {
            return Optional.empty();
        }
        int millis = Integer.parseInt(word);
        return millis > DAY ? Optional.empty() : Optional.of(Duration.ofMillis(millis));
    }
}
