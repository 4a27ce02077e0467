package io.heliodor.interop.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.heliodor.interop.ServerProcess;
import io.heliodor.interop.client.program.ContractProgram;
import io.heliodor.interop.client.program.RoundsProgram;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Programs with the Java client, compiled for Java 17, against the playground: on the oldest JDK that they may have, and on that of the tests. */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class JavaClientIT {
    private static final int ROUNDS = Integer.getInteger("heliodor.rounds", 30);
    private static final int RESTART_EVERY = 10;
    private static final int MAX_GROWTH_KILOBYTES = 4 << 10;
    private static final Pattern OUTCOME = Pattern.compile("recovered (\\d+) gaps (\\d+)");
    private static final Pattern ROUND = Pattern.compile("round (\\d+) heap (\\d+)");

    private ServerProcess server;

    @BeforeAll
    static void compile() throws IOException {
        assertThat(ClientProgram.compile()).isEmpty();
    }

    @BeforeEach
    void start() throws Exception {
        server = new ServerProcess(List.of(), "--history", "5000");
    }

    @AfterEach
    void stop() throws InterruptedException {
        server.kill();
    }

    private static Path java17() throws IOException {
        Optional<Path> found = Jdks.java17();
        assumeTrue(found.isPresent() || System.getenv("CI") != null, "no Java 17; name one in HELIODOR_JAVA_17");
        return found.orElseThrow(() -> new AssertionError("no Java 17; name one in HELIODOR_JAVA_17"));
    }

    @Test
    void theContractHoldsOnJava17() throws Exception {
        theContractHolds(java17(), "java 17");
    }

    @Test
    void theContractHoldsOnThisJdk() throws Exception {
        theContractHolds(Jdks.current(), "java " + Runtime.version().feature());
    }

    private void theContractHolds(Path jdk, String version) throws Exception {
        List<String> lines = ClientProgram.run(
                jdk,
                List.of(),
                ContractProgram.class,
                line -> {},
                server.socket(),
                ServerProcess.token("ann", 3600),
                ServerProcess.token("ann", 0));
        assertThat(lines).startsWith(version).endsWith("done");
    }

    @Test
    @Tag("long")
    void nothingIsLostOnJava17() throws Exception {
        nothingIsLost(java17(), ROUNDS);
    }

    @Test
    @Tag("long")
    void nothingIsLostOnThisJdk() throws Exception {
        nothingIsLost(Jdks.current(), Math.max(RESTART_EVERY, ROUNDS / 4));
    }

    /** The program checks what it gets; this is what happens to it. */
    private void nothingIsLost(Path jdk, int rounds) throws Exception {
        long seed = System.nanoTime();
        try (FaultyProxy proxy = new FaultyProxy(server.port());
                Faults faults = new Faults(proxy, new Random(seed))) {
            Heap heap = new Heap();
            List<String> lines = ClientProgram.run(
                    jdk,
                    List.of("-Xmx48m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError"),
                    RoundsProgram.class,
                    line -> {
                        heap.read(line);
                        if (heap.rounds > 0
                                && heap.rounds % RESTART_EVERY == 0
                                && ROUND.matcher(line).matches()) {
                            restart();
                        }
                    },
                    server.socket(),
                    "ws://127.0.0.1:" + proxy.port() + "/socket",
                    Integer.toString(rounds),
                    Long.toString(seed));
            assertThat(lines).as("seed %d", seed).endsWith("done");
            assertThat(heap.rounds).isEqualTo(rounds);
            // The first join, those after a restart, and each once more if it was cut before a position came.
            assertThat(heap.gaps).as("joins that recovered nothing").isBetween(1, 3 + 2 * rounds / RESTART_EVERY);
            assertThat(heap.recoveries).as("joins that gave what was missed").isGreaterThan(rounds / 3);
            assertThat(heap.last - heap.first).as("kilobytes of growth").isLessThan(MAX_GROWTH_KILOBYTES);
            faults.rethrow();
        }
    }

    private void restart() {
        try {
            server.kill();
            server.restart();
        } catch (Exception e) {
            throw new IllegalStateException("the server does not start again", e);
        }
    }

    /** The heap after the first rounds and after the last one, in kilobytes. */
    private static final class Heap {
        private int rounds;
        private long first;
        private long last;
        private int recoveries;
        private int gaps;

        void read(String line) {
            Matcher round = ROUND.matcher(line);
            if (round.matches()) {
                rounds = Integer.parseInt(round.group(1));
                last = Long.parseLong(round.group(2));
                if (rounds <= 5) {
                    first = Math.max(first, last);
                }
            }
            Matcher outcome = OUTCOME.matcher(line);
            if (outcome.matches()) {
                recoveries = Integer.parseInt(outcome.group(1));
                gaps = Integer.parseInt(outcome.group(2));
            }
        }
    }

    /** Cuts and holds up the connections of a proxy, by chance, until it is closed. */
    private static final class Faults implements AutoCloseable {
        private final FaultyProxy proxy;
        private final Random random;
        private final FutureTask<Void> task = new FutureTask<>(this::run);
        private final Thread thread = Thread.ofVirtual().unstarted(task);
        private volatile boolean isOver;

        Faults(FaultyProxy proxy, Random random) {
            this.proxy = proxy;
            this.random = random;
            thread.start();
        }

        private Void run() throws InterruptedException {
            while (!isOver) {
                pause(400);
                switch (random.nextInt(4)) {
                    case 0 -> proxy.cut();
                    case 1 -> proxy.hold(true);
                    case 2 -> {
                        proxy.hold(true);
                        pause(200);
                        proxy.cut();
                    }
                    default -> proxy.refuse(true);
                }
                pause(200);
                proxy.hold(false);
                proxy.refuse(false);
            }
            return null;
        }

        /** The rate of faults, not a wait for something. */
        private void pause(int millis) throws InterruptedException {
            TimeUnit.MILLISECONDS.sleep(random.nextInt(millis));
        }

        @Override
        public void close() {
            isOver = true;
        }

        void rethrow() throws ExecutionException, InterruptedException {
            close();
            task.get();
        }
    }
}
