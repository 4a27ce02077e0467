package io.heliodor.playground.node;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;

/** The parser of commands. */
final class CommandParser {
    private static final Duration DEFAULT = Duration.ofSeconds(5);
    private static final int DAY = 86_400_000;

    /** The arguments of each command. */
    static final Map<String, String> USAGE = new TreeMap<>(Map.ofEntries(
            Map.entry("self", ""),
            Map.entry("members", ""),
            Map.entry("connect", "HOST:PORT"),
            Map.entry("disconnect", ""),
            Map.entry("ping", "NODE"),
            Map.entry("health", ""),
            Map.entry("register", "NAME"),
            Map.entry("unregister", "NAME"),
            Map.entry("lookup", "NAME"),
            Map.entry("names", ""),
            Map.entry("send", "NAME TEXT"),
            Map.entry("call", "NAME TEXT [MS]"),
            Map.entry("inbox", "NAME"),
            Map.entry("stop", "NAME [normal|crash]"),
            Map.entry("monitor", "NAME"),
            Map.entry("join", "GROUP"),
            Map.entry("leave", "GROUP"),
            Map.entry("group", "GROUP"),
            Map.entry("broadcast", "GROUP TEXT"),
            Map.entry("serve", "PROCEDURE"),
            Map.entry("rpc", "NODE PROCEDURE JSON [MS]"),
            Map.entry("campaign", "ELECTION"),
            Map.entry("resign", "ELECTION"),
            Map.entry("leader", "ELECTION"),
            Map.entry("put", "KEY VALUE"),
            Map.entry("get", "KEY"),
            Map.entry("metadata", "NODE"),
            Map.entry("subscribe", "TOPIC"),
            Map.entry("publish", "TOPIC TEXT"),
            Map.entry("track", "TOPIC KEY"),
            Map.entry("untrack", "TOPIC KEY"),
            Map.entry("present", "TOPIC"),
            Map.entry("help", ""),
            Map.entry("stats", ""),
            Map.entry("quit", "")));

    private static final String COMMANDS = "the commands are " + String.join(", ", USAGE.keySet());

    private CommandParser() {}

    static Command parse(String line) {
        WordReader words = new WordReader(line);
        Optional<String> verb = words.word();
        if (verb.isEmpty()) {
            return new Command.Malformed("the line is empty; " + COMMANDS);
        }
        String usage = USAGE.get(verb.get());
        if (usage == null) {
            return new Command.Malformed("the command '" + verb.get() + "' does not exist; " + COMMANDS);
        }
        return command(verb.get(), words)
                .orElseGet(() -> new Command.Malformed("expected: " + (verb.get() + " " + usage).strip()));
    }

    /** All commands, with their arguments, sorted. */
    static List<String> usages() {
        return USAGE.entrySet().stream()
                .map(command -> (command.getKey() + " " + command.getValue()).strip())
                .sorted()
                .toList();
    }

    private static Optional<Command> command(String verb, WordReader words) {
        return switch (verb) {
            case "self" -> alone(words, new Command.Self());
            case "members" -> alone(words, new Command.Members());
            case "connect" -> word(words).flatMap(Address::parse).<Command>map(Command.Connect::new);
            case "disconnect" -> alone(words, new Command.Disconnect());
            case "ping" -> word(words, Command.Ping::new);
            case "health" -> alone(words, new Command.Health());
            case "register" -> word(words, Command.Register::new);
            case "unregister" -> word(words, Command.Unregister::new);
            case "lookup" -> word(words, Command.Lookup::new);
            case "names" -> alone(words, new Command.Names());
            case "send" -> text(words, Command.Send::new);
            case "call" -> call(words);
            case "inbox" -> word(words, Command.Inbox::new);
            case "stop" -> stop(words);
            case "monitor" -> word(words, Command.Monitor::new);
            case "join" -> word(words, Command.Join::new);
            case "leave" -> word(words, Command.Leave::new);
            case "group" -> word(words, Command.Group::new);
            case "broadcast" -> text(words, Command.Broadcast::new);
            case "serve" -> word(words, Command.Serve::new);
            case "rpc" -> rpc(words);
            case "campaign" -> word(words, Command.Campaign::new);
            case "resign" -> word(words, Command.Resign::new);
            case "leader" -> word(words, Command.Leader::new);
            case "put" -> text(words, Command.Put::new);
            case "get" -> word(words, Command.Get::new);
            case "metadata" -> word(words, Command.Metadata::new);
            case "subscribe" -> word(words, Command.Subscribe::new);
            case "publish" -> text(words, Command.Publish::new);
            case "track" -> text(words, Command.Track::new);
            case "untrack" -> text(words, Command.Untrack::new);
            case "present" -> word(words, Command.Present::new);
            case "help" -> alone(words, new Command.Help());
            case "stats" -> alone(words, new Command.Stats());
            case "quit" -> alone(words, new Command.Quit());
            default -> throw new IllegalStateException("'" + verb + "' has a usage but no reader");
        };
    }

    private static Optional<Command> alone(WordReader words, Command command) {
        return words.end() ? Optional.of(command) : Optional.empty();
    }

    private static Optional<String> word(WordReader words) {
        return words.word().filter(word -> words.end());
    }

    private static Optional<Command> word(WordReader words, Function<String, Command> command) {
        return word(words).map(command);
    }

    private static Optional<Command> text(WordReader words, BiFunction<String, String, Command> command) {
        return words.word().flatMap(word -> {
            String text = words.rest();
            return text.isEmpty() ? Optional.empty() : Optional.of(command.apply(word, text));
        });
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
