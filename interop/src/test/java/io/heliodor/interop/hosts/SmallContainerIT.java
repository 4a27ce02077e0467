package io.heliodor.interop.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.heliodor.interop.Crowd;
import io.heliodor.interop.PlainSocket;
import io.heliodor.interop.ServerProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server with 300 MB and a fifth of a processor: slow, not wrong. */
@Tag("long")
@WithHosts
class SmallContainerIT {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final int SIZE = 500;
    private static final int ROUNDS = 50;
    private static final int LISTENERS = 20;

    @Test
    @Timeout(value = 4, unit = TimeUnit.MINUTES)
    void theServerServesAllAndLosesNothing() throws Exception {
        Optional<String> whyNot = Container.whyNot();
        assumeTrue(whyNot.isEmpty(), () -> whyNot.orElse(""));
        try (Container container = new Container(300L << 20, 20)) {
            ServerProcess server = new ServerProcess(container.prefix());
            try (Crowd crowd = new Crowd(server.port(), SIZE)) {
                await().atMost(DEADLINE)
                        .untilAsserted(
                                () -> assertThat(crowd.joined()).as("joined").isEqualTo(SIZE));
                broadcastsArriveInOrder(server.port());
                assertThat(crowd.closes()).as("closed by the server").isEmpty();
                // The server may not have detected yet that the listeners have disconnected.
                await().atMost(DEADLINE)
                        .untilAsserted(() -> assertThat(server.health()).contains("\"channels\":" + SIZE + ","));
                assertThat(container.killed())
                        .as("processes killed for want of memory")
                        .isZero();
                assertThat(container.peak()).as("bytes in use at most").isGreaterThan(50L << 20);
                crowd.stayAway();
                assertThat(server.terminate()).as("exit status").isZero();
            } finally {
                server.kill();
            }
        }
    }

    /** One client sends a message, and all of them receive it, each time before the next one. */
    private static void broadcastsArriveInOrder(int port) throws Exception {
        List<PlainSocket> members = new ArrayList<>();
        try {
            for (int i = 0; i < LISTENERS; i++) {
                PlainSocket member = new PlainSocket(port);
                members.add(member);
                member.joins("room:small", "{\"user\":\"u" + i + "\"}");
            }
            String padding = "x".repeat(1_000);
            for (int n = 0; n < ROUNDS; n++) {
                String sent = "{\"n\":" + n + ",\"padding\":\"" + padding + "\"}";
                members.getFirst().sends("[\"1\",\"2\",\"room:small\",\"shout\"," + sent + "]");
                for (PlainSocket member : members) {
                    member.receives("\"shout\"," + sent);
                }
            }
        } finally {
            for (PlainSocket member : members) {
                member.close();
            }
        }
    }
}
