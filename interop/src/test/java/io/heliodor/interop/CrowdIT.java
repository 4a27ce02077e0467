package io.heliodor.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Ten thousand clients, present in a hundred rooms, on a server with a heap of 512 MB. */
@Tag("long")
@Isolated
class CrowdIT {
    private static final int SIZE = 10_000;
    private static final Duration BACK = Duration.ofSeconds(30);

    @AutoClose("kill")
    private final ServerProcess server = new ServerProcess();

    @AutoClose
    private final Crowd crowd = new Crowd(server.port(), SIZE);

    CrowdIT() throws Exception {}

    private void allAreIn(Duration deadline) {
        await().atMost(deadline)
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> assertThat(crowd.joined()).as("joined").isEqualTo(SIZE));
    }

    @Test
    void clientsThatAreCutReturnAndADrainClosesAllOneAfterTheOther() throws Exception {
        allAreIn(Duration.ofSeconds(60));
        assertThat(server.health()).contains("\"connections\":" + SIZE, "\"channels\":" + SIZE, "\"topics\":100");
        for (int round = 0; round < 3; round++) {
            long cut = System.nanoTime();
            crowd.cut();
            await().atMost(BACK).until(() -> crowd.joined() < SIZE);
            allAreIn(BACK);
            System.out.println("All were back after " + Duration.ofNanos(System.nanoTime() - cut));
            // The server has detected the ends of the earlier connections.
            await().atMost(BACK)
                    .untilAsserted(() -> assertThat(server.health())
                            .contains("\"connections\":" + SIZE, "\"channels\":" + SIZE, "\"topics\":100"));
        }
        assertThat(crowd.closes()).as("closed by the server").isEmpty();

        crowd.stayAway();
        assertThat(server.terminate()).as("exit status").isZero();
        await().atMost(BACK).untilAsserted(() -> assertThat(crowd.joined()).isZero());
        List<Crowd.Closed> closes = crowd.closes();
        assertThat(closes).hasSize(SIZE).allMatch(closed -> closed.code() == 1001);
        // DrainTests checks the times of the closes with a clock. Those that clients see here also depend on the load
        // of the machine.
        List<Long> times = closes.stream().map(Crowd.Closed::nanos).sorted().toList();
        System.out.println("Half of them were closed after " + Duration.ofNanos(times.get(SIZE / 2) - times.getFirst())
                + ", all after " + Duration.ofNanos(times.getLast() - times.getFirst()));
    }
}
