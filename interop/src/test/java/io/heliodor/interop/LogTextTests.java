package io.heliodor.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The values of log lines stand in their text. Many patterns, such as the default one of Spring Boot, leave out key and value
 * pairs, and "A node is a member." without the node is of no use. And lines that clients can cause have a rate.
 */
class LogTextTests {
    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
    private static final String PAIR = ".addKeyValue(";
    private static final String LOG = ".log(";

    /** The id of a connection belongs to the logging context; parameters are logged at debug, and many. */
    private static final Set<String> ONLY_PAIRS = Set.of("LogContext.KEY", "\"params\"");

    @Test
    void theValueOfEachPairIsAnArgumentOfTheText() {
        try (Stream<Path> files = Files.walk(PROJECT)) {
            List<String> missing = files.filter(LogTextTests::isMainSource)
                    // It adds each field to both; AuditTests compares the text.
                    .filter(file -> !file.endsWith("AuditLog.java"))
                    .sorted()
                    .flatMap(file -> missing(file, read(file)).stream())
                    .toList();
            assertThat(missing)
                    .as("pairs of log lines whose value is not in the text")
                    .isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aPairWithoutItsValueInTheTextIsFound() {
        Path file = PROJECT.resolve("A.java");
        assertThat(missing(file, "LOG.atInfo().addKeyValue(\"peer\", peer.node()).log(\"A node is a member.\");"))
                .containsExactly("A.java: (\"peer\", peer.node())");
        assertThat(missing(file, "return LOG.atInfo().addKeyValue(\"node\", name);"))
                .containsExactly("A.java: (\"node\", name)");
        assertThat(missing(file, "LOG.atInfo().addKeyValue(\"peer\", of(a, b))\n.log(\"{} is {}.\", of(a,\n b), c);"))
                .isEmpty();
    }

    /** Text of a client or a user has one escaped form in logs and exceptions, that of {@code ControlCharacters}. */
    @Test
    void onlyOneClassEscapesControlCharacters() {
        try (Stream<Path> files = Files.walk(PROJECT)) {
            assertThat(files.filter(LogTextTests::isMainSource)
                            .filter(file -> !file.endsWith("ControlCharacters.java"))
                            .filter(file ->
                                    read(file).contains("\\\\p{C") || read(file).contains("\\\\u%04x")))
                    .as("sources that escape or replace control characters themselves")
                    .isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An exception whose messages may have text of clients or users, as the cause of a line. */
    private static final Pattern CAUSE = Pattern.compile(
            "\\.setCause\\((?!EscapedException)(\\w+)\\)|\\b(?:LOG|log)\\s*\\.(?:error|warn)\\([^;]*?,\\s*(e|cause|fault|failure|thrown)\\)");

    /** The stack of a thread, whose text is constant. */
    private static final Set<String> CONSTANT = Set.of("place");

    @Test
    void theMessagesOfExceptionsForgeNoLines() {
        try (Stream<Path> files = Files.walk(PROJECT)) {
            assertThat(files.filter(LogTextTests::isMainSource)
                            .filter(file -> PROJECT.relativize(file).toString().matches(REACHED))
                            .flatMap(file -> unescaped(read(file)).map(cause -> file.getFileName() + ": " + cause)))
                    .as("exceptions that are logged as they are: use EscapedException.of")
                    .isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void anExceptionThatIsLoggedAsItIsIsFound() {
        assertThat(unescaped("LOG.error(\"A hat of {} (large)\", size(a), e);")).containsExactly("e");
        assertThat(unescaped("LOG.atWarn().setCause(fault).log(\"A hat.\");")).containsExactly("fault");
        assertThat(unescaped("LOG.error(\"A hat.\", EscapedException.of(e)); hat(a, e);"))
                .isEmpty();
    }

    private static Stream<String> unescaped(String source) {
        return CAUSE.matcher(source)
                .results()
                .map(found -> found.group(1) == null ? found.group(2) : found.group(1))
                .filter(cause -> !CONSTANT.contains(cause));
    }

    /** The modules with code that runs because of a client or another node. */
    private static final String REACHED =
            "(pubsub|presence|channels|endpoint|documents|jwt|dashboard|micrometer|cluster|spring-boot)/src/main/java/.*";

    /** Calls of a log above debug. */
    private static final Pattern CALL =
            Pattern.compile("\\b(LOG|log)\\s*(\\.|::)\\s*(error|warn|info|at(Error|Warn|Info|Level))\\b");

    /** The calls without a rate, for each file, and why clients and other nodes cannot cause many of their lines. */
    private static final Map<String, Integer> WITHOUT_RATE = Map.ofEntries(
            // The rates themselves.
            Map.entry("BoundedLog.java", 2),
            Map.entry("AuditLog.java", 1),
            // At the start, and when the issuer publishes a key with another fault.
            Map.entry("Jwts.java", 1),
            Map.entry("PublishedKeys.java", 1),
            // Once for each name, of 1000 names at most, or 100 that clients choose; and a line at debug.
            Map.entry("HandlerLog.java", 4),
            // Once.
            Map.entry("Histories.java", 1),
            Map.entry("Grace.java", 1),
            // At the start or the end of an endpoint or a node.
            Map.entry("Endpoint.java", 1),
            Map.entry("Startup.java", 4),
            Map.entry("Hub.java", 1),
            Map.entry("LibraryVersions.java", 1),
            Map.entry("TlsLibrary.java", 1),
            Map.entry("LoopThreads.java", 2),
            Map.entry("Drain.java", 2),
            Map.entry("OnceCalls.java", 1),
            Map.entry("Replicas.java", 2),
            // In a period: of a sweep, of the watch of loops, of certificates, and once a second for readiness and a
            // pause of accepting.
            Map.entry("Server.java", 3),
            Map.entry("PeriodicTask.java", 1),
            Map.entry("LoopWatch.java", 1),
            Map.entry("LoopWatchdog.java", 1),
            Map.entry("PemFiles.java", 4),
            Map.entry("Readiness.java", 2),
            Map.entry("AcceptPause.java", 1),
            Map.entry("AntiEntropy.java", 1),
            // Faults of the server in tasks of its own.
            Map.entry("LaneEntry.java", 1),
            Map.entry("Groups.java", 1),
            // At the start or the end of a node, of a process after its grace period, of an application of Spring.
            Map.entry("RunningNode.java", 3),
            Map.entry("Cookie.java", 1),
            Map.entry("JoinCheck.java", 4),
            Map.entry("JGroupsWire.java", 1),
            Map.entry("Processes.java", 1),
            Map.entry("LocalProcess.java", 1),
            Map.entry("EndpointLifecycle.java", 1),
            Map.entry("ServiceLinks.java", 1),
            Map.entry("BrokenNode.java", 1),
            Map.entry("HeliodorDashboardAutoConfiguration.java", 1),
            // Once for each view or member: a majority, an eviction, a voter with another log or list.
            Map.entry("NodeEngine.java", 2),
            Map.entry("ConsensusService.java", 1),
            Map.entry("ViewChanges.java", 1),
            // These, a voter whose disk fails, and every 30 s without a leader.
            Map.entry("RaftNode.java", 8),
            // Once for each term, after a growing pause.
            Map.entry("NodeElection.java", 3),
            // In a period: of probes of seeds, heartbeats, recoveries of a connection, attempts to accept, and once a
            // minute for an address.
            Map.entry("AbsentSeeds.java", 2),
            // Once in a start.
            Map.entry("NameResolver.java", 1),
            Map.entry("Detour.java", 2),
            // Once for each connection that was given up, and its successor begins after a pause.
            Map.entry("DataConnections.java", 2),
            Map.entry("LostConnections.java", 1),
            Map.entry("HandshakeAcceptor.java", 1),
            Map.entry("RefusalLog.java", 1));

    /** A client that makes code fail as often as it likes must not fill the log: its line is written by a log with a rate. */
    @Test
    void linesThatClientsCanCauseHaveARate() {
        try (Stream<Path> files = Files.walk(PROJECT)) {
            Map<String, Integer> found = new TreeMap<>();
            files.filter(LogTextTests::isMainSource)
                    .filter(file -> PROJECT.relativize(file).toString().matches(REACHED))
                    .filter(file -> !file.endsWith("FailureLog.java"))
                    .forEach(file -> {
                        int calls = callsWithoutRate(read(file));
                        if (calls > 0) {
                            found.merge(file.getFileName().toString(), calls, Integer::sum);
                        }
                    });
            assertThat(found)
                    .as(
                            "calls of a log without a rate: write the line by a BoundedLog or a FailureLog, or add its reason here")
                    .containsExactlyInAnyOrderEntriesOf(WITHOUT_RATE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aCallWithoutARateIsFound() {
        assertThat(callsWithoutRate("LOG.error(\"A hat failed (%s)\", e);")).isOne();
        assertThat(callsWithoutRate("check.accept(() -> LOG.atWarn().log(\"A hat.\"));"))
                .isOne();
        assertThat(callsWithoutRate("versions.ifPresent(LOG::warn);")).isOne();
        assertThat(callsWithoutRate("hats.write(() -> { }); LOG.warn(\"A hat.\");"))
                .isOne();
        assertThat(callsWithoutRate("hats.write(() -> line(LOG.atWarn(), hat).log(\"A hat (\"));"))
                .isZero();
        assertThat(callsWithoutRate("failures().write(e, () -> traced(\n() -> LOG.error(\"A hat.\", e)));"))
                .isZero();
        assertThat(callsWithoutRate("LOG.debug(\"A hat.\"); new BoundedLog(LOG, \"hats\", clock);"))
                .isZero();
    }

    private static int callsWithoutRate(String source) {
        return (int) CALL.matcher(source)
                .results()
                .filter(call -> !isWithin(source, call.start(), ".write"))
                .count();
    }

    /** Whether a place in a statement is within the parentheses of a call. */
    private static boolean isWithin(String source, int place, String call) {
        boolean quoted = false;
        int depth = 0;
        for (int i = place - 1; i >= 0; i--) {
            char c = source.charAt(i);
            quoted ^= c == '"' && (i == 0 || source.charAt(i - 1) != '\\');
            if (quoted) {
                continue;
            }
            if (depth == 0 && c == ';') {
                return false;
            }
            depth += c == ')' ? 1 : c == '(' ? -1 : 0;
            if (depth < 0) {
                if (source.substring(0, i).endsWith(call)) {
                    return true;
                }
                depth = 0;
            }
        }
        return false;
    }

    private static boolean isMainSource(Path file) {
        String name = PROJECT.relativize(file).toString();
        return name.matches("([a-z-]+|examples/(planning-board|support-desk))/src/main/java/.*\\.java");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> missing(Path file, String source) {
        List<String> missing = new ArrayList<>();
        for (int at = source.indexOf(PAIR); at >= 0; at = source.indexOf(PAIR, at + 1)) {
            List<String> pair = arguments(source, at + PAIR.length());
            String statement = source.substring(at, endOfStatement(source, at));
            int log = statement.indexOf(LOG);
            List<String> arguments = log < 0 ? List.of() : arguments(statement, log + LOG.length());
            if (!ONLY_PAIRS.contains(pair.getFirst()) && !arguments.contains(pair.getLast())) {
                missing.add(PROJECT.relativize(file) + ": (" + String.join(", ", pair) + ")");
            }
        }
        return missing;
    }

    /** The index of the next semicolon that is not in a text. */
    private static int endOfStatement(String source, int begin) {
        boolean quoted = false;
        for (int i = begin; ; i++) {
            char c = source.charAt(i);
            quoted ^= c == '"' && source.charAt(i - 1) != '\\';
            if (c == ';' && !quoted) {
                return i;
            }
        }
    }

    /** The arguments of a call, with single spaces, from the character after its parenthesis. */
    private static List<String> arguments(String source, int begin) {
        List<String> arguments = new ArrayList<>();
        StringBuilder argument = new StringBuilder();
        boolean quoted = false;
        int depth = 0;
        for (int i = begin; depth >= 0; i++) {
            char c = source.charAt(i);
            quoted ^= c == '"' && source.charAt(i - 1) != '\\';
            if (!quoted) {
                depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            }
            if (depth < 0 || (c == ',' && depth == 0 && !quoted)) {
                arguments.add(argument.toString().strip().replaceAll("\\s+", " "));
                argument.setLength(0);
            } else {
                argument.append(c);
            }
        }
        return arguments;
    }
}
