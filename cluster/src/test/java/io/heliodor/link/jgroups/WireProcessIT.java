package io.heliodor.link.jgroups;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.LinkContract;
import io.heliodor.link.LinkContract.Event;
import io.heliodor.link.LinkLines;
import io.heliodor.link.Peer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The views and suspicions of the other processes when one is killed or frozen. */
class WireProcessIT {
    private static final Duration LONG = Duration.ofSeconds(90);

    private final List<Running> all = new ArrayList<>();

    /** The time in which a process that is suspected must answer. */
    private Duration verify = Timing.defaults().verify();

    /** A process and the lines that it has printed. */
    private record Running(Process process, List<String> lines) {
        void await(String line, Duration atMost) {
            Awaitility.await()
                    .atMost(atMost)
                    .pollInterval(Duration.ofMillis(10))
                    .untilAsserted(() -> assertThat(lines).contains(line));
        }

        String port() {
            return printed("started ").orElseThrow();
        }

        Peer peer() {
            return LinkLines.peer(printed("peer ").orElseThrow());
        }

        Optional<String> printed(String beginning) {
            return lines.stream()
                    .filter(line -> line.startsWith(beginning))
                    .findFirst()
                    .map(line -> line.substring(beginning.length()));
        }

        void write(String line) throws IOException {
            process.outputWriter(StandardCharsets.UTF_8)
                    .append(line)
                    .append('\n')
                    .flush();
        }

        void signal(String name) throws Exception {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        }
    }

    private Running start(String name, Running... seeds) throws Exception {
        return start(WireProgram.class, List.of(name), seeds);
    }

    private Running start(Class<?> program, List<String> arguments, Running... seeds) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-Dverify=" + verify,
                program.getName()));
        command.addAll(arguments);
        Stream.of(seeds).map(Running::port).forEach(command::add);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        Running running = new Running(process, new CopyOnWriteArrayList<>());
        all.add(running);
        Thread.ofVirtual().start(() -> {
            try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
                out.lines().forEach(running.lines::add);
            } catch (UncheckedIOException | IOException e) {
                running.lines.add("output ends: " + e);
            }
        });
        Awaitility.await()
                .atMost(LONG)
                .untilAsserted(() -> assertThat(running.lines).anyMatch(line -> line.startsWith("started ")));
        return running;
    }

    @AfterEach
    void killThem() throws Exception {
        for (Running running : all) {
            running.process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
        }
    }

    @Test
    void aKilledProcessIsSuspectedAtOnceAndExcludedLongBeforeTheEndOfAVerification() throws Exception {
        verify = LONG;
        Running a = start("a");
        Running b = start("b", a);
        Running c = start("c", a, b);
        Stream.of(a, b, c).forEach(each -> each.await("view a b c", LONG));
        b.signal("KILL");
        Duration soon = LONG.dividedBy(3);
        // The other one may install the view before it suspects it itself.
        a.await("suspect b", soon);
        a.await("view a c", soon);
        c.await("view a c", soon);
        // The coordinator is killed, too.
        a.signal("KILL");
        c.await("view c", soon);
    }

    @Test
    @Tag("long")
    void aProcessThatIsFrozenForThreeSecondsIsNotSuspected() throws Exception {
        Running a = start("a");
        Running b = start("b", a);
        Running c = start("c", a, b);
        Stream.of(a, b, c).forEach(each -> each.await("view a b c", LONG));
        List<Integer> before = Stream.of(a, b, c).map(each -> each.lines.size()).toList();
        b.signal("STOP");
        TimeUnit.SECONDS.sleep(3);
        b.signal("CONT");
        TimeUnit.SECONDS.sleep(3);
        assertThat(Stream.of(a, b, c).map(each -> each.lines.size()).toList())
                .as("%s %s %s", a.lines, b.lines, c.lines)
                .isEqualTo(before);
    }

    @Test
    @Tag("long")
    void linksKeepTheirContractWhenOneProcessIsKilledAndAFrozenOneIsExcludedAndReturns(@TempDir Path recordings)
            throws Exception {
        Running a = startLink("a", recordings);
        Running killed = startLink("b", recordings, a);
        Running c = startLink("c", recordings, a, killed);
        Stream.of(a, killed, c).forEach(each -> each.await("view a b c", LONG));
        awaitTraffic(recordings, a, killed, c);
        killed.signal("KILL");
        Stream.of(a, c).forEach(each -> each.await("view a c", LONG));
        Stream.of(a, c).forEach(each -> each.lines.removeIf(line -> line.startsWith("view")));
        Running b = startLink("b", recordings, a, c);
        List<Running> alive = List.of(a, b, c);
        alive.forEach(each -> each.await("view a b c", LONG));
        alive.forEach(each -> each.lines.removeIf(line -> line.startsWith("view")));
        awaitTraffic(recordings, a, b, c);
        c.signal("STOP");
        // The others may install the view before they suspect it themselves.
        a.await("suspect c", Duration.ofSeconds(15));
        a.await("view a b", Duration.ofSeconds(15));
        b.await("view a b", Duration.ofSeconds(15));
        c.signal("CONT");
        alive.forEach(each -> each.await("view a b c", LONG));

        awaitTraffic(recordings, a, b, c);

        Set<Peer> settled = Stream.of(a, b, c).map(Running::peer).collect(Collectors.toSet());
        for (Running each : alive) {
            each.write("quiet");
        }
        awaitKept(recordings, settled);
        for (Running each : alive) {
            each.write("calm");
        }
        alive.forEach(each -> each.await("calm", LONG));
        awaitKept(recordings, settled);
    }

    private Running startLink(String name, Path recordings, Running... seeds) throws Exception {
        Running running = start(LinkProgram.class, List.of(name, recordings.toString()), seeds);
        Awaitility.await().atMost(LONG).until(() -> running.printed("peer ").isPresent());
        return running;
    }

    /** Waits until each has received a hundred more envelopes from each other. */
    private static void awaitTraffic(Path recordings, Running... all) throws IOException {
        Set<Peer> peers = Stream.of(all).map(Running::peer).collect(Collectors.toSet());
        Map<List<Peer>, Long> before = received(recordings);
        Awaitility.await().atMost(LONG).untilAsserted(() -> {
            Map<List<Peer>, Long> now = received(recordings);
            for (Peer from : peers) {
                for (Peer to : peers) {
                    List<Peer> pair = List.of(from, to);
                    assertThat(from.equals(to) || now.getOrDefault(pair, 0L) >= before.getOrDefault(pair, 0L) + 100)
                            .as("%s", now)
                            .isTrue();
                }
            }
        });
    }

    /** The number of received envelopes for each pair of sender and receiver. */
    private static Map<List<Peer>, Long> received(Path recordings) throws IOException {
        LinkContract contract = parse(recordings);
        return peers(recordings).stream()
                .flatMap(to -> contract.log(to).events().stream()
                        .filter(Event.Received.class::isInstance)
                        .map(event -> List.of(((Event.Received) event).from(), to)))
                .collect(Collectors.groupingBy(pair -> pair, Collectors.counting()));
    }

    private static List<Peer> peers(Path recordings) throws IOException {
        try (Stream<Path> files = Files.list(recordings)) {
            return files.map(file -> LinkLines.peer(file.getFileName().toString()))
                    .toList();
        }
    }

    private static LinkContract parse(Path recordings) throws IOException {
        LinkContract contract = new LinkContract().ofThreads();
        for (Peer peer : peers(recordings)) {
            LinkLines.read(recordings.resolve(peer.toString()), contract.log(peer));
        }
        return contract;
    }

    private static void awaitKept(Path recordings, Set<Peer> settled) {
        Awaitility.await()
                .atMost(LONG)
                .untilAsserted(() -> assertThat(
                                parse(recordings).violations(settled).stream().limit(5))
                        .isEmpty());
    }

    @Test
    @Tag("long")
    void aFrozenProcessWithAFullWindowDelaysNoOther() throws Exception {
        Running a = start("a");
        Running b = start("b", a);
        Running c = start("c", a, b);
        Stream.of(a, b, c).forEach(each -> each.await("view a b c", LONG));
        b.signal("STOP");
        a.write("flood b");
        TimeUnit.SECONDS.sleep(1);
        a.write("c you are not forgotten");
        c.await("packet you are not forgotten", Duration.ofSeconds(5));
        TimeUnit.SECONDS.sleep(2);
        b.signal("CONT");
        a.write("b neither are you");
        b.await("packet neither are you", Duration.ofSeconds(10));
        assertThat(List.of(a.lines, b.lines, c.lines))
                .allSatisfy(lines -> assertThat(lines).noneMatch(line -> line.startsWith("suspect")));
    }

    @Test
    @Tag("long")
    void aNewIncarnationTakesTheNameOfOneThatDoesNotAnswer() throws Exception {
        Running a = start("a");
        Running b = start("b", a);
        a.await("view a b", LONG);
        b.signal("STOP");
        a.lines.removeIf(line -> line.startsWith("view"));
        Running again = start("b", a);
        again.await("view a b", LONG);
        // Long before the suspicion timeout. The next incarnation may join before the former one is excluded.
        a.await("view a b", LONG);
        assertThat(a.lines).containsSubsequence("suspect b", "view a b");
    }

    @Test
    void aProcessThatLeavesAtTheEndOfItsInputIsNotSuspected() throws Exception {
        Running a = start("a");
        Running b = start("b", a);
        a.await("view a b", LONG);
        b.process.outputWriter(StandardCharsets.UTF_8).close();
        b.await("closed", LONG);
        a.await("view a", LONG);
        assertThat(a.lines).noneMatch(line -> line.startsWith("suspect"));
    }
}
