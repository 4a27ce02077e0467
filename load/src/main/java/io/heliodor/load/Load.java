package io.heliodor.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.management.UnixOperatingSystemMXBean;
import io.heliodor.event.Raw;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * The load tool for an application's own server: {@code heliodor load}. It prints a line a second on standard error and a table on standard
 * output. The exit status is 0 if all that was due was sent and arrived once, 1 if it did not or there was no result, and 2 for wrong options.
 */
@Command(
        name = "heliodor load",
        description = {
            "Loads the server of an application: clients join, and push or call at a rate.",
            "In the topic, --params and --payload, {client} is the number of the client, from 0. In --payload, {id} identifies the message:"
                    + " with --receive it must come back in that event, as a part of any text.",
            "Latency counts from the time at which a message was due, so a pause of the server counts in full.",
            "Exit status: 0 if all that was due arrived once; 1 if something was missing, repeated, refused or closed; 2 for wrong options."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Load.Version.class)
public final class Load implements Callable<Integer> {
    private static final String STANDARD_OUTPUT = "-";
    private static final int MAX_CLIENTS = 20_000;
    private static final int SPARE_FILES = 100;
    private static final double MAX_RATE = 1_000_000;
    private static final double MAX_SECONDS = 86_400;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = "--url",
            required = true,
            description = "Address of the socket, such as ws://localhost:4000/socket.")
    private String url = "";

    @Option(names = "--topic", required = true, description = "Topic of each client, such as room:{client}.")
    private String topic = "";

    @Option(names = "--params", paramLabel = "JSON", description = "Payload of the join (${DEFAULT-VALUE}).")
    private String params = "{}";

    @Option(names = "--clients", paramLabel = "N", description = "Clients (${DEFAULT-VALUE}).")
    private int clients = 10;

    @Option(names = "--event", description = "Event to push; without it clients only join.")
    private @Nullable String event;

    @Option(names = "--call", description = "Call the event, and wait for its reply.")
    private boolean isCall;

    @Option(names = "--payload", paramLabel = "JSON", description = "Payload of each message (${DEFAULT-VALUE}).")
    private String payload = "{}";

    @Option(
            names = "--receive",
            paramLabel = "EVENT",
            description = "Event by which each message comes back, with its {id}.")
    private @Nullable String receive;

    @Option(
            names = "--receivers",
            description = "Members of the topic to which it comes: ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}).")
    private LoadPlan.Receivers receivers = LoadPlan.Receivers.ALL;

    @Option(names = "--rate", paramLabel = "N", description = "Messages a second, of all clients (${DEFAULT-VALUE}).")
    private double rate = 10;

    @Option(names = "--seconds", paramLabel = "N", description = "Time of the load (${DEFAULT-VALUE}).")
    private double seconds = 10;

    @Option(
            names = "--ramp",
            paramLabel = "SECONDS",
            description = "Time in which the clients connect; by default 1 s for each 200.")
    private @Nullable Double ramp;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "Time after which a reply is missing, and wait for the last messages (${DEFAULT-VALUE}).")
    private double timeout = 5;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "File with the token, or with one in each line: the clients take them in turn.")
    private @Nullable Path tokenFile;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the result as JSON to FILE, or - to print it.")
    private @Nullable String json;

    Load() {}

    /** The version in the manifest of the jar. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Load.class.getPackage().getImplementationVersion();
            return new String[] {"heliodor load " + (version == null ? "(not from its jar)" : version)};
        }
    }

    /**
     * Runs the command line and ends the JVM with its exit status.
     *
     * @param arguments the options
     */
    public static void main(String[] arguments) {
        Objects.requireNonNull(arguments, "arguments");
        System.exit(commandLine().execute(arguments));
    }

    /** The command line; wrong options and failed runs are one line on its error writer. */
    static CommandLine commandLine() {
        return new CommandLine(new Load())
                .setUsageHelpAutoWidth(true)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((failure, arguments) -> {
                    PrintWriter err = failure.getCommandLine().getErr();
                    err.println(firstLine(failure) + " (see --help)");
                    return CommandLine.ExitCode.USAGE;
                })
                .setExecutionExceptionHandler((failure, line, parsed) -> {
                    line.getErr().println("heliodor load: " + firstLine(failure));
                    return CommandLine.ExitCode.SOFTWARE;
                });
    }

    private static String firstLine(Exception failure) {
        String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        return message.lines().findFirst().orElse(failure.toString());
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        LoadPlan plan = plan();
        PrintWriter err = spec.commandLine().getErr();
        LoadResult result = new LoadRun(plan, line -> {
                    err.println(line);
                    err.flush();
                })
                .run();
        print(result);
        return result.isClean() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    private LoadPlan plan() {
        range("--clients", clients, 1, MAX_CLIENTS);
        checkFiles();
        range("--rate", rate, 0.001, MAX_RATE);
        range("--seconds", seconds, 0.1, MAX_SECONDS);
        range("--timeout", timeout, 0.1, 600);
        double ramping = ramp == null ? clients / 200.0 : ramp;
        range("--ramp", ramping, 0, MAX_SECONDS);
        checkResultFile();
        object("--params", params.replace(LoadPlan.CLIENT, "0"));
        object("--payload", payload.replace(LoadPlan.CLIENT, "0").replace(LoadPlan.ID, "id"));
        if (event == null && (isCall || receive != null)) {
            throw wrong((isCall ? "--call" : "--receive") + " needs --event, the event to send");
        }
        if (receive != null && !payload.contains(LoadPlan.ID)) {
            throw wrong("--receive needs {id} in a text of --payload, such as --payload '{\"body\":\"{id}\"}'");
        }
        return new LoadPlan(
                address(),
                topic,
                params,
                Optional.ofNullable(event),
                isCall,
                payload,
                Optional.ofNullable(receive),
                receivers,
                tokens(),
                clients,
                rate,
                duration(ramping),
                duration(seconds),
                duration(timeout));
    }

    /** Before the run, which would be lost. */
    private void checkResultFile() {
        if (json == null || json.equals(STANDARD_OUTPUT)) {
            return;
        }
        Path file;
        try {
            file = Path.of(json).toAbsolutePath();
        } catch (InvalidPathException e) {
            throw wrong("Invalid value for option '--json': '" + json + "' is not a path");
        }
        Path folder = file.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw wrong("Invalid value for option '--json': the folder of " + json + " does not exist");
        }
        if (Files.isDirectory(file) || !Files.isWritable(Files.exists(file) ? file : folder)) {
            throw wrong("Invalid value for option '--json': " + json + " cannot be written");
        }
    }

    /** Each client has a connection. */
    private void checkFiles() {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                && clients > unix.getMaxFileDescriptorCount() - SPARE_FILES) {
            throw wrong("--clients " + clients + " is more than this process may have open files, "
                    + unix.getMaxFileDescriptorCount() + " (ulimit -n)");
        }
    }

    private URI address() {
        URI address;
        try {
            address = URI.create(url);
        } catch (IllegalArgumentException e) {
            throw wrong("Invalid value for option '--url': '" + url + "' is not a URL");
        }
        String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
        if (!scheme.matches("wss?|https?") || address.getHost() == null) {
            throw wrong("Invalid value for option '--url': '" + url
                    + "' is not the address of a socket; write one as ws://localhost:4000/socket");
        }
        return address;
    }

    private List<String> tokens() {
        if (tokenFile == null) {
            return List.of();
        }
        List<String> tokens;
        try {
            tokens = Files.readAllLines(tokenFile, UTF_8).stream()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .toList();
        } catch (IOException e) {
            throw wrong("Invalid value for option '--token-file': " + tokenFile + " cannot be read");
        }
        if (tokens.isEmpty()) {
            throw wrong("Invalid value for option '--token-file': " + tokenFile + " has no token");
        }
        return tokens;
    }

    private void object(String option, String text) {
        try {
            Raw read = Raw.of(text);
            if (read.length() > 0 && text.strip().startsWith("{")) {
                return;
            }
        } catch (IllegalArgumentException e) {
            throw wrong("Invalid value for option '" + option + "': it is not JSON: " + firstLine(e));
        }
        throw wrong("Invalid value for option '" + option + "': '" + text + "' is not a JSON object");
    }

    private void range(String option, double value, double min, double max) {
        if (!(value >= min && value <= max)) {
            throw wrong("Invalid value for option '" + option + "': " + number(value) + " is not " + number(min)
                    + " to " + number(max));
        }
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    private static Duration duration(double time) {
        return Duration.ofNanos((long) (time * 1e9));
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private void print(LoadResult result) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (json == null) {
            out.print(result.table());
        } else {
            String text = JsonMapper.builder()
                            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                            .build()
                            .writeValueAsString(result)
                    + System.lineSeparator();
            if (json.equals(STANDARD_OUTPUT)) {
                spec.commandLine().getErr().print(result.table());
                spec.commandLine().getErr().flush();
                out.print(text);
            } else {
                out.print(result.table());
                Files.writeString(Path.of(json), text);
            }
        }
        out.flush();
    }
}
