package io.heliodor.endpoint.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.heliodor.endpoint.HealthyClient;
import io.heliodor.endpoint.Live;
import io.heliodor.endpoint.RawClient;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Faults of the machine on which a server runs. */
@EnabledOnOs(OS.LINUX)
class MachineIT {
    private static final File NOWHERE = new File("/dev/null");

    /** {@code -Dheliodor.clients=10000} for ten thousand; this process and the server need a descriptor for each. */
    private static final int CLIENTS = Integer.getInteger("heliodor.clients", 2_000);

    private static final int MAX_ROUNDS = 6;

    @TempDir
    private Path folder;

    static List<Row> rows() {
        String here = "endpoint/src/test/java/io/heliodor/endpoint/hostile/MachineIT.java";
        return List.of(
                Row.shown(
                        "the process is stopped for 3 s (SIGSTOP)",
                        "no client is closed, and the messages of that time are answered",
                        here,
                        "aServerThatWasStoppedForAWhileHasLostNoClient"),
                Row.shown(
                        "the disk of the log is full (`/dev/full`)",
                        "clients are served as before",
                        here,
                        "aLogThatCannotBeWrittenStopsNothing"),
                Row.shown(
                        "the clock jumps by an hour, forth and back",
                        "no effect; a silent client is still closed in time",
                        here,
                        "aClockThatJumpsClosesNoClient"),
                Row.shown(
                        "all clients are cut at once (2 000; 10 000 by option), at `-Xmx512m`",
                        "all join again, and the heap is as it was",
                        here,
                        "allClientsThatAreCutAtOnceJoinAgain"),
                Row.shown(
                        "10 000 clients, present in 100 rooms, are cut at once three times, at `-Xmx512m`",
                        "each time all are back within 30 s",
                        "interop/src/test/java/io/heliodor/interop/CrowdIT.java",
                        "clientsThatAreCutReturnAndADrainClosesAllOneAfterTheOther"),
                Row.shown(
                        "100 clients a second connect, send, crash handlers, do not read and leave, for a minute",
                        "heap, threads, descriptors and topics are as before",
                        "interop/src/test/java/io/heliodor/interop/ChurnIT.java",
                        "noStateOfDisconnectedClientsIsLeft"),
                Row.shown(
                        "hostile clients of 28 kinds, four kinds at a time, for 30 s next to 500 healthy ones, at `-Xmx512m` "
                                + "and 256 MiB of direct memory",
                        "the healthy ones get every message, and every echo within 10 s (within 2 s in the ten minutes "
                                + "below, on a machine that does nothing else); the memory is as before, and the log stays below 64 KiB a second",
                        "interop/src/test/java/io/heliodor/interop/attack/AttackIT.java",
                        "theServerSurvivesAndHealthyClientsAreServed"),
                Row.shown(
                        "each allocation of a buffer fails once, one after the other, on each transport",
                        "the clients that miss a message are closed with 1013; all others continue, and no state of the closed ones is left",
                        "endpoint/src/test/java/io/heliodor/transport/FailedAllocationTests.java",
                        "eachAllocationOfAScriptFailsOnce"),
                Row.shown(
                        "no file descriptor left",
                        "connected clients are served; new ones wait until there are some; the log has a line a second",
                        "interop/test/descriptors.test.mjs",
                        "without a descriptor left, connected clients are served and new ones wait"),
                Row.shown(
                        "the cable of a client is pulled: its packets are dropped",
                        "present for at most the idle timeout of 60 s; present again when the cable is back",
                        "interop/src/test/java/io/heliodor/interop/hosts/LossyNetworkIT.java",
                        "aClientWhoseCableIsPulledIsPresentAtMostForTheIdleTimeout"),
                Row.shown(
                        "a fifth of the packets of each client is lost, both ways",
                        "all messages arrive, late and in order; no client is closed, and none leaves presence",
                        "interop/src/test/java/io/heliodor/interop/hosts/LossyNetworkIT.java",
                        "aClientThatLosesAFifthOfThePacketsMissesNothingAndStaysPresent"),
                Row.shown(
                        "a container of 300 MB with a fifth of a processor, 500 clients present",
                        "slow but correct: all join, and get all messages in order",
                        "interop/src/test/java/io/heliodor/interop/hosts/SmallContainerIT.java",
                        "theServerServesAllAndLosesNothing"));
    }

    @Test
    void aServerThatWasStoppedForAWhileHasLostNoClient() throws Exception {
        try (ServerProcess server = new ServerProcess(NOWHERE, Map.of())) {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                clients.add(server.connect().upgrade("").joins("room:a"));
            }
            server.pause();
            clients.forEach(client -> client.sends("[\"1\",\"2\",\"room:a\",\"echo\",{\"n\":2}]"));
            RawClient late = server.connect().send(RawClient.upgradeRequest(""));
            Process sleep = new ProcessBuilder("sleep", "3").start();
            sleep.waitFor(); // the three seconds are the input
            server.goOn();

            for (RawClient client : clients) {
                client.receives(RawClient.ok("2", "room:a", "{\"n\":2}")).echoes("room:a", "3");
            }
            late.upgraded().joins("room:a").echoes("room:a", "2");
            assertThat(server.query("connections")).isEqualTo("21");
            assertThat(server.query("closed_idle")).isEqualTo("0");
            RawClient.closeAll(clients);
            late.close();
        }
    }

    @Test
    void aLogThatCannotBeWrittenStopsNothing() throws Exception {
        try (ServerProcess server = new ServerProcess(new File("/dev/full"), Map.of());
                RawClient member = server.connect().upgrade("").joins("room:a")) {
            HealthyClient healthy = new HealthyClient(server.port());
            for (int i = 0; i < 100; i++) {
                try (RawClient foreign = server.connect()
                        .send(RawClient.upgradeRequest("").replace("\r\n\r\n", "\r\nOrigin: null\r\n\r\n"))) {
                    assertThat(foreign.response().status()).isEqualTo(403);
                }
                member.sends("[\"1\",\"2\",\"room:a\",\"crash\",{}]");
                assertThat(member.next().toString()).contains("\"phx_error\"");
                member.joins("room:a");
            }
            assertThat(server.query("log")).isEqualTo("fails");
            assertThat(server.query("refused_origin")).isEqualTo("100");
            assertThat(server.query("channels_failed")).isEqualTo("100");
            healthy.stop();
        }
    }

    /** The C library gets another time than that of the machine. The test is skipped without a C compiler. */
    @Test
    void aClockThatJumpsClosesNoClient() throws Exception {
        Path jumped = folder.resolve("jumped");
        Path library = clock(jumped);
        try (ServerProcess server =
                        new ServerProcess(NOWHERE, Map.of("LD_PRELOAD", library.toString()), "-Dheliodor.idle=3");
                RawClient silent = server.connect().upgrade("").joins("room:a")) {
            HealthyClient healthy = new HealthyClient(server.port());
            long before = Long.parseLong(server.query("clock"));

            Files.createFile(jumped);
            assertThat(Long.parseLong(server.query("clock")) - before)
                    .isGreaterThan(Duration.ofMinutes(59).toMillis());
            healthy.stop();
            assertThat(server.query("closed_idle")).isEqualTo("0");

            try (RawClient second = server.connect().upgrade("").joins("room:a")) {
                Files.delete(jumped);
                silent.isClosedWith(1001);
                second.isClosedWith(1001);
                assertThat(server.query("closed_idle")).isEqualTo("2");
            }
        }
    }

    private Path clock(Path jumped) throws IOException, InterruptedException {
        Path source = folder.resolve("clock.c");
        Path library = folder.resolve("clock.so");
        Files.writeString(source, """
                #define _GNU_SOURCE
                #include <dlfcn.h>
                #include <time.h>
                #include <unistd.h>

                int clock_gettime(clockid_t clock, struct timespec *time) {
                    static int (*real)(clockid_t, struct timespec *);
                    if (!real) real = (int (*)(clockid_t, struct timespec *)) dlsym(RTLD_NEXT, "clock_gettime");
                    int result = real(clock, time);
                    if (clock == CLOCK_REALTIME && access("%s", F_OK) == 0) time->tv_sec += 3600;
                    return result;
                }
                """.formatted(jumped));
        try {
            int status = new ProcessBuilder(
                            "cc", "-shared", "-fPIC", "-o", library.toString(), source.toString(), "-ldl")
                    .start()
                    .waitFor();
            assumeTrue(status == 0, "cc cannot compile it");
        } catch (IOException e) {
            assumeTrue(false, "there is no cc");
        }
        return library;
    }

    @Test
    @Tag("long")
    void allClientsThatAreCutAtOnceJoinAgain() throws Exception {
        try (ServerProcess server = new ServerProcess(NOWHERE, Map.of())) {
            HealthyClient healthy = new HealthyClient(server.port());
            Live.eventually().until(() -> server.query("channels").equals("1"));
            String idle = server.query("instances");
            // Tables keep their maximum size, and the number of connections that overlap differs. A leak of a client
            // grows in every round.
            List<Long> heaps = new ArrayList<>(List.of(heapAfterARound(server, idle)));
            do {
                assertThat(heaps).as("bytes of the heap after each round").hasSizeLessThan(MAX_ROUNDS);
                heaps.add(heapAfterARound(server, idle));
            } while (heaps.getLast() > heaps.get(heaps.size() - 2) + CLIENTS * 200L);
            healthy.stop();
        }
    }

    /** All clients connect, are cut at once, connect again, and close. */
    private static long heapAfterARound(ServerProcess server, String idle) throws Exception {
        comeAll(server).forEach(RawClient::resets);
        RawClient.closeAll(comeAll(server));
        // A connection is unreachable after its last timer has run.
        Live.eventually()
                .untilAsserted(() -> assertThat(server.query("instances")).isEqualTo(idle));
        return Long.parseLong(server.query("heap"));
    }

    /** All connect and join, a hundred at a time. The server may not have detected the ends of earlier connections. */
    private static List<RawClient> comeAll(ServerProcess server) throws Exception {
        List<Future<RawClient>> coming = new ArrayList<>();
        List<RawClient> clients = new ArrayList<>();
        try (ExecutorService threads =
                Executors.newFixedThreadPool(100, Thread.ofVirtual().factory())) {
            for (int i = 0; i < CLIENTS; i++) {
                String topic = "room:" + i % 100;
                coming.add(threads.submit(() -> server.connect().upgrade("").joins(topic)));
            }
            for (Future<RawClient> each : coming) {
                clients.add(each.get(30, TimeUnit.SECONDS));
            }
        }
        return clients;
    }
}
